"""What every function stands on: the decorator, the fates of an event, typed settings."""

from renga.contract import Stream
from renga.fates import Reject, Retry
from renga.function import function
from renga.settings import Settings

__all__ = ["Reject", "Retry", "Settings", "Stream", "function"]
