"""The registry's part of the REST API: parse, call one service or selector, serialise."""
