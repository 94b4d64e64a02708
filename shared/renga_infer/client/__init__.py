"""Calls an inference service: over HTTP, with binary tensors, a deadline, and a circuit that opens.

```python
async with InferenceClient("http://inference.platform.svc") as service:
    response = await service.infer("links", {"features": rows}, timeout_s=2.0)
    probability = response.outputs[0].data
```

It raises what `renga_infer.errors` has. A function answers Retry on `UnavailableError`, `OverloadedError` and
`DeadlineExceededError`, and never makes up a result.
"""

from renga_infer.client.service import InferenceClient
from renga_infer.client.transport import Answer, AnswerLost, NotSent, Transport

__all__ = ["Answer", "AnswerLost", "InferenceClient", "NotSent", "Transport"]
