"""milvus-lite's server in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from yunlang.matching.core.milvus_client import CHANNEL


class MilvusServer:
    """A server on a free port; started again it has what it had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        # From an empty folder: what lies where Python starts comes before what is installed.
        here = self._folder / "here"
        here.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "milvus_lite", "server", "--host", "127.0.0.1", "--port", str(self._port),
             "--data-dir", str(self._folder / "data")],
            cwd=here, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert "listening" in self._process.stdout.readline()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def database(self, name: str) -> str:
        """Make a database of this name, and return its address."""
        from pymilvus import MilvusClient

        client = MilvusClient(uri=self.address, dedicated=True, grpc_options=CHANNEL)
        client.create_database(name)
        client.close()
        return f"{self.address}/{name}"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
