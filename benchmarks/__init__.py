"""Figures beside named peers, one file a hot path; `make bench` writes them to docs/benchmarks.md."""
