"""The dead-letter desk: what nobody took, kept whole until it is replayed or dropped."""
