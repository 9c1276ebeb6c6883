"""The stages of an index, each a pure function on arrays of shape (periods, units, indicators)."""
