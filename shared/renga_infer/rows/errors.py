"""What is wrong with rows for good."""


class RowsRefusedError(Exception):
    """No model will answer these rows, however often it is asked; the message is what their sender reads."""
