"""Matching: a need meets what the corridor has, ranked and with reasons."""

import os

# OpenMP reads these when the engine's libraries load it, so they stand before any of them is imported. An encoder's
# threads that wait for each other on a busy machine make one query take a second instead of forty milliseconds; one
# thread alone is as quick as two. Whoever encodes in bulk on many cores sets OMP_NUM_THREADS.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
