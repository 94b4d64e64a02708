"""Many rows at once: from a file of columns, through a model in chunks, to a file of its outputs.

A file is Parquet, or Arrow's IPC as file or stream. A column is an input of the model by its name; a list is a further
axis. `running.RowsRun` does all of it; what it has computed it keeps in chunks, so that a run that was cut short goes
on. It stands on the extra `infer-rows`, and on `infer-client` for asking.
"""

from renga_infer.rows.errors import RowsRefusedError

__all__ = ["RowsRefusedError"]
