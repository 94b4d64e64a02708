"""The laptop: a runtime that is true to the manifests, and the `renga` command."""
