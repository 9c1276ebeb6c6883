"""Matching: a need meets what the corridor has, ranked and with reasons."""

import ctypes
import importlib.util
import os
from pathlib import Path

# OpenMP reads these when the engine's libraries load it, so they stand before any of them is imported. An encoder's
# threads that wait for each other on a busy machine make one query take a second instead of forty milliseconds; one
# thread alone is as quick as two. Whoever encodes in bulk on many cores sets OMP_NUM_THREADS.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# LightGBM and usearch each bring a C++ library of their own; loaded second, LightGBM's cannot print a number any more
# ("Feature (Column_) appears more than one time"). Loading the bare library takes 10 ms, the package a second.
_lightgbm = importlib.util.find_spec("lightgbm")
if _lightgbm is not None and _lightgbm.origin is not None:
    for _library in (Path(_lightgbm.origin).parent / "lib").glob("lib_lightgbm.*"):
        ctypes.CDLL(str(_library))
