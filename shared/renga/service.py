"""A service that stays: no event wakes it and no handler is in it, and it is deployed as functions are."""

from typing import NamedTuple


class Service(NamedTuple):
    """What a long-lived service asks for; written into its manifest by `renga wiring`.

    ```python
    service = Service(("python3", "-m", "renga_infer"), ready="/v2/health/ready", live="/v2/health/live")
    ```

    Its folder holds it in `main.py` in place of a function. It is called from within the cluster only.
    """

    command: tuple[str, ...]
    """What its container runs; it listens on PORT."""
    ready: str
    """The path that answers 200 once it can serve."""
    live: str
    """The path that answers 200 while it need not be started anew."""
    start_s: int = 600
    """How long it may take until it is ready; after that it is started anew."""
    concurrency: int = 0
    """Requests that one replica takes at a time; 0: it bounds itself."""
    timeout_s: int = 60
    """After this a request is answered 504."""
    min_scale: int = 1
    max_scale: int = 1
    window_s: int = 60
    """Seconds without traffic before it scales to zero, where `min_scale` is 0."""
    cpu: str = "500m"
    """What is kept free for it; there is no limit."""
    memory: str = "1Gi"
    """What is kept free for it, and the limit: it is there all the time."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables with their values."""
