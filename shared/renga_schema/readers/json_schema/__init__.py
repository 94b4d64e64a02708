"""Read JSON Schema documents: what describes objects becomes tables."""
