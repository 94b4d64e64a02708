"""The same trees under litserve: `PORT=... WEIGHTS=model.safetensors python litserve_trees.py`."""

import os
from typing import Any

import litserve
import numpy as np
from safetensors.numpy import load_file

from renga_infer.runtimes.trees import Trees


class TreesApi(litserve.LitAPI):  # type: ignore[misc]  # a peer without types
    """Takes and gives the protocol's JSON, so that the load is the same."""

    def setup(self, device: str) -> None:
        """Load the weights, once a worker."""
        weights = load_file(os.environ["WEIGHTS"])
        self.trees = Trees(weights, int(os.environ["FEATURES"]))

    def decode_request(self, request: dict[str, Any]) -> Any:
        """The rows of a request."""
        x = request["inputs"][0]
        return np.array(x["data"], np.float64).reshape(x["shape"])

    def predict(self, x: Any) -> Any:
        """The scores; of a whole batch, where the rows came as one array."""
        return self.trees.sum(x.reshape(-1, x.shape[-1])).reshape(*x.shape[:-1], -1)

    def encode_response(self, output: Any) -> dict[str, Any]:
        """The scores of one request."""
        y = {"name": "y", "datatype": "FP64", "shape": [len(output)], "data": output.ravel().tolist()}
        return {"model_name": "trees", "model_version": "1", "outputs": [y]}


if __name__ == "__main__":
    api = TreesApi(max_batch_size=64, batch_timeout=0.001, api_path="/v2/models/trees/infer")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), generate_client_file=False, log_level="error")
