"""The server as a real process on a free port, for tests of what only a process can show."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests import database

START_SECONDS = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningServer:
    """`with RunningServer(folder) as server:` the demo shop over a database file in `folder`."""

    def __init__(self, folder: Path, *arguments: str, on: str | None = None, **environment: str) -> None:
        """`on`: a database of the test's own."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = f"sqlite:///{folder / 'test.db'}"
        self.database = on or (database.fresh() if database.is_postgresql() else own)
        self.output = folder / "output.txt"
        self._arguments = arguments or ("--demo",)
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        command = [sys.executable, "-m", "checkstand", "serve", "--port", str(self.port), *self._arguments]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "--database", self.database],
                stdout=output,
                stderr=output,
                env=self._environment,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"the server stopped: {self.output.read_text()}"
            try:
                if httpx.get(f"{self.url}/health", timeout=1).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError(f"the server did not answer: {self.output.read_text()}")

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As if the power had gone: no chance to finish anything."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def ask_to_stop(self) -> None:
        assert self._process is not None
        self._process.terminate()

    def stop(self) -> int:
        """Ask it to stop and wait; its exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(timeout=15)

    def client(self, **options: object) -> httpx.AsyncClient:
        """A Management client of the demo store, paths relative to v3."""
        return httpx.AsyncClient(
            base_url=f"{self.url}/stores/demo/v3",
            headers={"X-Auth-Token": "demo-token"},
            timeout=30,
            limits=httpx.Limits(max_connections=64),
        )
