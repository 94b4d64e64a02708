"""The protocol over HTTP and gRPC, around the registry."""
