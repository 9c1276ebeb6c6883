"""Other search engines over the same words as ours; peers for benchmarks only, never part of the product."""
