"""The processes that are measured: started on a free port, waited for, asked for their CPU time and memory, stopped."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import psutil

from bench.load import HOST
from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
START_DEADLINE_SECONDS = 30.0
POLL_SECONDS = 0.004


class Server:
    """A running server: a process, with its workers if it has several."""

    def __init__(self, port: int, process: psutil.Process) -> None:
        self.port, self.pid = port, process.pid
        self._processes = [process, *process.children()]

    def cpu_seconds(self) -> float:
        """User and system time so far, exact to a clock tick (10 ms): measure batches that take a few hundred."""
        times = [process.cpu_times() for process in self._processes]
        return float(sum(each.user + each.system for each in times))

    def memory_bytes(self) -> int:
        return sum(int(process.memory_info().rss) for process in self._processes)


@contextmanager
def checkstand(
    folder: Path, *, log: bool = False, database: str = "", workers: int = 1, by: Sequence[str] = ()
) -> Iterator[Server]:
    """`checkstand serve` with the demo shop, in a database file of its own where none is named; requests are logged to a file,
    or not at all. `by`: the command that runs it, where it is not run directly."""
    port = free_port()
    database = database or f"sqlite:///{folder / f'checkstand-{port}.db'}"
    command = ["checkstand", "serve", "--demo", "--port", str(port), "--database", database, "--workers", str(workers)]
    with running(port, command, folder, {} if log else {"CHECKSTAND_LOG": "none"}, by) as server:
        yield server


@contextmanager
def with_carrier(folder: Path) -> Iterator[Server]:
    """`checkstand serve` with the demo shop, connected to a demo carrier, which has a method wherever something is sent to. The
    carrier is a process of its own and is not measured."""
    port, at = free_port(), free_port()
    database = f"sqlite:///{folder / f'checkstand-{port}.db'}"
    shop_file = folder / f"shop-{port}.yaml"
    text = files("checkstand.demo").joinpath("shop.yaml").read_text("utf-8")
    shop_file.write_text(text.replace("127.0.0.1:9001", f"127.0.0.1:{at}"), "utf-8")
    environment = {"CHECKSTAND_LOG": "none", "CHECKSTAND_PROVIDER_HOSTS": f"127.0.0.1:{at}"}
    for arguments in (["migrate"], ["load", str(shop_file), "--store", "demo"]):
        command = [sys.executable, "-m", "checkstand", *arguments, "--database", database]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    serve = ["checkstand", "serve", "--demo", "--port", str(port), "--database", database]
    with (
        running(at, ["checkstand.demo_carrier", "--port", str(at)], folder),
        running(port, serve, folder, environment) as server,
    ):
        yield server


@contextmanager
def floor(folder: Path, rows: int, *, database: str = "", by: Sequence[str] = ()) -> Iterator[Server]:
    port = free_port()
    database = database or str(folder / f"floor-{port}.db")
    with running(port, ["bench.floor", str(port), database, str(rows)], folder, by=by) as server:
        yield server


@contextmanager
def postgresql() -> Iterator[postgres.Server]:
    """A PostgreSQL of our own with its settings as they come, durable: nothing is acknowledged that is not on the disk."""
    server = postgres.Server(settings=())
    try:
        yield server.start()
    finally:
        server.stop()


@contextmanager
def ceiling(folder: Path) -> Iterator[Server]:
    port = free_port()
    with running(port, ["bench.ceiling", str(port)], folder) as server:
        yield server


def cpu_by_others() -> Callable[[], float]:
    """Called later: the share of all processors that went to anything but this process and its children that have ended."""
    started, busy, own = time.perf_counter(), _busy_seconds(), _own_seconds()

    def share() -> float:
        elapsed = (time.perf_counter() - started) * (psutil.cpu_count() or 1)
        return max(_busy_seconds() - busy - (_own_seconds() - own), 0.0) / elapsed

    return share


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def seconds_to_start(folder: Path) -> float:
    """From the start of `checkstand serve --demo` until /health answers 200."""
    port = free_port()
    started = time.perf_counter()
    with running(port, ["checkstand", "serve", "--demo", "--port", str(port)], folder):
        return time.perf_counter() - started


@contextmanager
def running(
    port: int,
    module: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
) -> Iterator[Server]:
    """A module run by this interpreter, from the moment /health answers; its output goes to a file in the folder."""
    output = folder / f"output-{port}.txt"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CHECKSTAND_")}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*by, sys.executable, "-m", *module],
            cwd=ROOT,
            env={**inherited, "TMPDIR": str(folder), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(port, process, output)
            yield Server(port, psutil.Process(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", output: Path) -> None:
    deadline = time.perf_counter() + START_DEADLINE_SECONDS
    while not _is_healthy(port):
        if process.poll() is not None or time.perf_counter() > deadline:
            raise RuntimeError(f"a server did not start:\n{output.read_text(errors='replace')[-2000:]}")
        time.sleep(POLL_SECONDS)


def _is_healthy(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=5) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
