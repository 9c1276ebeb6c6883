"""Yunlang 云廊: the platform that runs an innovation corridor."""

__version__ = "0.1.0"
