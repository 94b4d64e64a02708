"""From single requests to batches, and from batches to answers."""
