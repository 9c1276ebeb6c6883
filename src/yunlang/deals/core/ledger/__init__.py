"""The ledger of deals as a library: canonical text, chained entries, published heads, exports, the life of a deal."""
