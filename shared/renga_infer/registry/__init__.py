"""Where versions of models are kept, and which of them are in memory."""
