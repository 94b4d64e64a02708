"""The compared model under litserve: `PORT=... MODEL=models/name/1 python litserve_server.py`."""

import os
from typing import Any

import litserve
import numpy as np

import inference_alone

CARD = inference_alone.card()


class ComparedApi(litserve.LitAPI):  # type: ignore[misc]  # a peer without types
    """Takes and gives the protocol's JSON, so that the load is the same; it has no binary tensors."""

    def setup(self, device: str) -> None:
        """Load the weights, once a worker."""
        self.compute = inference_alone.compute()

    def decode_request(self, request: dict[str, Any]) -> Any:
        """The rows of a request."""
        x = request["inputs"][0]
        return np.array(x["data"], CARD.inputs[0].datatype.dtype).reshape(x["shape"])

    def predict(self, x: Any) -> Any:
        """The answers; of a whole batch, where the rows came as one array."""
        answer = self.compute(x.reshape(-1, x.shape[-1]))
        return answer.reshape(*x.shape[:-1], *answer.shape[1:])

    def encode_response(self, output: Any) -> dict[str, Any]:
        """The answer to one request."""
        datatype = CARD.outputs[0].datatype.value
        y = {"name": "y", "datatype": datatype, "shape": list(output.shape), "data": output.ravel().tolist()}
        return {"model_name": CARD.name, "model_version": CARD.version, "outputs": [y]}


if __name__ == "__main__":
    api = ComparedApi(max_batch_size=64, batch_timeout=0.001, api_path=f"/v2/models/{CARD.name}/infer")
    server = litserve.LitServer(api, accelerator=os.environ.get("DEVICE", "cpu"), workers_per_device=1)
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), generate_client_file=False, log_level="error")
