"""The Open Inference Protocol as data: bodies to requests and back, with no server and no client."""
