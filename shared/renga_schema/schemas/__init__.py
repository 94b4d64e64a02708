"""The JSON Schemas that are published: of the native format, for editors, and of the model as JSON."""
