"""Serve every model by name and version: the one service that stays while functions sleep."""

from renga import Service

# As many replicas as there may be GPUs; on CPU one is enough for what functions ask.
service = Service(
    ("python3", "-m", "renga_infer"),
    ready="/v2/health/ready",
    live="/v2/health/live",
    max_scale=1,
    # Which models there are is a deployment's choice, not a caller's.
    env=(("RENGA_INFER_CONTROL", "false"),),
)
