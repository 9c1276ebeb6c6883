"""The audit of an index: what its data, its structure and its weights do to its ranking."""
