"""Several processes over one PostgreSQL."""

import signal
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests import database
from tests.server import RunningServer


@pytest.fixture
def server(tmp_path: Path, stored_on: str) -> RunningServer:
    if stored_on == database.SQLITE:
        # One process is what SQLite gets; that more are refused stands in test_command_line.
        return RunningServer(tmp_path, "--demo")
    return RunningServer(tmp_path, "--demo", "--workers", "3")


def test_workers_do_not_outlive_a_parent_that_was_killed(server: RunningServer) -> None:
    with server:
        workers = [psutil.Process(worker) for worker in workers_of(server)]
        server.kill()

        _, alive = psutil.wait_procs(workers, timeout=15)

        assert alive == []


def workers_of(server: RunningServer) -> set[int]:
    return {child.pid for child in psutil.Process(server.process_id).children()}


def test_a_worker_that_was_killed_is_replaced_while_the_others_answer(server: RunningServer, stored_on: str) -> None:
    with server:
        before = workers_of(server)
        assert len(before) == (3 if stored_on == database.POSTGRESQL else 0)
        for worker in list(before)[:1]:
            psutil.Process(worker).send_signal(signal.SIGKILL)

        answers = {httpx.get(f"{server.url}/health", timeout=10).status_code for _ in range(30)}
        deadline = time.monotonic() + 10
        while len(workers_of(server)) < len(before) and time.monotonic() < deadline:
            time.sleep(0.05)

        assert answers == {200}
        assert len(workers_of(server)) == len(before)
        assert server.stop() == 0
