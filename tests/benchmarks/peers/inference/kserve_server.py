"""The compared model under the kserve SDK's server: `PORT=... MODEL=models/name/1 python kserve_server.py`."""

import os
from typing import Any

import kserve

import inference_alone


class ComparedModel(kserve.Model):  # type: ignore[misc]  # a peer without types
    """Answers the protocol's requests one by one: in process the SDK batches nothing."""

    def load(self) -> bool:
        """Load the weights."""
        card = inference_alone.card()
        self.datatype = card.outputs[0].datatype.value
        self.compute = inference_alone.compute()
        self.ready = True
        return True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        """The answer to one request."""
        answer = self.compute(payload.inputs[0].as_numpy())
        y = kserve.InferOutput("y", list(answer.shape), self.datatype)
        y.set_data_from_numpy(answer, binary_data=bool(payload.parameters))
        return kserve.InferResponse(payload.id or "", self.name, [y])


if __name__ == "__main__":
    model = ComparedModel(inference_alone.card().name)
    model.load()
    kserve.ModelServer(http_port=int(os.environ["PORT"]), enable_grpc=False, workers=1).start([model])
