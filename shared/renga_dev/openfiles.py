"""How many files, and so connections, this process may have open."""

import resource

ENOUGH = 10_240
"""Ten thousand connections, and what the runtime has open itself."""


def raise_limit() -> int:
    """Take as many as the system allows without asking; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return ENOUGH
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, max(soft, ENOUGH * 2))
    if wanted > soft:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # macOS has a limit of its own below what it says.
            return soft
        return wanted
    return soft


def too_few(limit: int) -> str | None:
    """What to say where the limit is low; None where it is not."""
    if limit >= ENOUGH:
        return None
    return (
        f"At most {limit} files may be open here, so about as many connections: beyond that, callers wait. "
        f"`ulimit -n {ENOUGH}` before the start raises it, where the system's own limit allows it."
    )
