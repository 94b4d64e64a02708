"""The same trees under the kserve SDK's server: `PORT=... WEIGHTS=model.safetensors python kserve_trees.py`."""

import os
from typing import Any

import kserve
from safetensors.numpy import load_file

from renga_infer.runtimes.trees import Trees


class TreesModel(kserve.Model):  # type: ignore[misc]  # a peer without types
    """Answers the protocol's requests one by one: in process the SDK batches nothing."""

    def load(self) -> bool:
        """Load the weights."""
        self.trees = Trees(load_file(os.environ["WEIGHTS"]), int(os.environ["FEATURES"]))
        self.ready = True
        return True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        """The scores of one request."""
        scores = self.trees.sum(payload.inputs[0].as_numpy())[:, 0]
        y = kserve.InferOutput("y", list(scores.shape), "FP64")
        y.set_data_from_numpy(scores, binary_data=bool(payload.parameters))
        return kserve.InferResponse(payload.id or "", "trees", [y])


if __name__ == "__main__":
    model = TreesModel("trees")
    model.load()
    kserve.ModelServer(http_port=int(os.environ["PORT"]), enable_grpc=False, workers=1).start([model])
