"""Calls an inference service: over HTTP, with binary tensors and a deadline."""
