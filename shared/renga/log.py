"""JSON logs on standard output, one object a line, with run, event and trace ids bound to every line."""

import functools
import sys
from typing import Any


@functools.cache
def _configured() -> Any:
    # structlog takes longer to import than a whole cold start should: it waits for the first line.
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    return structlog.get_logger()


def logger(**bound: Any) -> Any:
    """A structlog logger with these values on every line."""
    return _configured().bind(**bound)
