"""Backups are whole and restores give back what was there: the commands of docs/backup.md, run as they stand."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest

from checkstand.__main__ import main
from checkstand.storage.queries import migrations
from tests import database
from tests.postgres import programs
from tests.recording import AUSTIN
from tests.server import RunningServer

PAGE = Path(__file__).parent.parent / "docs" / "backup.md"
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
BACKUP, SHELL_BACKUP, PUT_BACK, PG_DUMP, PG_RESTORE, DUMP_AND_LOAD = BLOCKS
DEMO_FILE = Path(__file__).parent.parent / "demo" / "shop.yaml"
HEADERS = {"X-Auth-Token": "demo-token"}


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHECKSTAND_DATABASE", raising=False)
    return tmp_path


@pytest.fixture
def path_of_programs(working_folder: Path) -> str:
    """Where the commands of the page are found: this checkstand, PostgreSQL's programs, and the SQLite shell that comes with
    apsw under the name of the original, which need not be installed."""
    folder = working_folder / "bin"
    folder.mkdir()
    for name, module in (("checkstand", "checkstand"), ("sqlite3", "apsw")):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        script.chmod(0o755)
    return f"{folder}:{programs()}:/usr/local/bin:/usr/bin:/bin"


def run(script: str, path: str, **variables: object) -> None:
    environment = {**os.environ, "PATH": path, **{name: str(value) for name, value in variables.items()}}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def server_over(url: str, folder: Path) -> RunningServer:
    server = RunningServer(folder)
    server.database = url
    return server


def call(server: RunningServer, method: str, path: str, body: object = None) -> Any:
    answer = httpx.request(method, f"{server.url}/stores/demo/v3{path}", headers=HEADERS, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()["data"]


def make_cart(server: RunningServer, product_id: int = 170) -> str:
    item = {"product_id": product_id, "quantity": 1}
    return str(call(server, "POST", "/carts", {"line_items": [item]})["id"])


def place_order(server: RunningServer) -> tuple[str, int]:
    """The checkout of a digital journal, and the order it became."""
    checkout_id = make_cart(server, product_id=189)
    call(server, "POST", f"/checkouts/{checkout_id}/billing-address", {**AUSTIN, "email": "jane@example.com"})
    return checkout_id, int(call(server, "POST", f"/checkouts/{checkout_id}/orders")["id"])


def looked_at(server: RunningServer, *checkout_ids: str) -> list[Any]:
    return [call(server, "GET", f"/checkouts/{checkout_id}") for checkout_id in checkout_ids]


TABLES = re.findall(r"CREATE TABLE (\w+)", "".join(script for _, script in migrations()))


def contents_of_file(path: Path) -> dict[str, list[Any]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES}
    connection.close()
    return rows


def until_told(events: Callable[[], list[Any]]) -> None:
    """Wait until the server has nothing left to do in the background: it numbers and removes events after it answered."""
    deadline = time.monotonic() + 30
    while events():
        assert time.monotonic() < deadline, "events are not looked after"
        time.sleep(0.05)


async def _rows_of(url: str) -> dict[str, list[Any]]:
    return {table: await database.rows(url, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


# ---------------------------------------------------------------------------------------------------- SQLite


@pytest.fixture
def shop(working_folder: Path) -> Iterator[tuple[RunningServer, Path]]:
    """A server with the demo shop, and its database file."""
    server = server_over(f"sqlite:///{working_folder / 'shop.db'}", working_folder)
    with server:
        yield server, working_folder / "shop.db"


@pytest.mark.parametrize(("script", "copied_to"), [(BACKUP, "COPY"), (SHELL_BACKUP, "SECOND_COPY")])
def test_a_copy_of_a_file_in_use_is_put_back_and_everything_is_there_again(
    shop: tuple[RunningServer, Path], working_folder: Path, path_of_programs: str, script: str, copied_to: str
) -> None:
    server, file = shop
    copy = working_folder / "copy.db"
    open_cart, (ordered, order_id) = make_cart(server), place_order(server)
    before = looked_at(server, open_cart, ordered)
    until_told(lambda: contents_of_file(file)["events"])

    run(script, path_of_programs, SHOP=file, **{copied_to: copy})
    kept = contents_of_file(file)
    later = make_cart(server)
    server.stop()
    run(PUT_BACK, path_of_programs, SHOP=file, COPY=copy)

    assert contents_of_file(file) == kept
    with server_over(f"sqlite:///{file}", working_folder) as restored:
        assert looked_at(restored, open_cart, ordered) == before
        assert before[1]["order_id"] == str(order_id)
        assert place_order(restored)[1] == order_id + 1
        gone = httpx.get(f"{restored.url}/stores/demo/v3/checkouts/{later}", headers=HEADERS)
        assert gone.status_code == 404


def test_a_backup_while_others_write_holds_all_that_was_acknowledged_before_it_began(
    shop: tuple[RunningServer, Path], working_folder: Path
) -> None:
    server, file = shop
    written: list[str] = []
    enough, stopping = threading.Event(), threading.Event()

    def write() -> None:
        while not stopping.is_set():
            written.append(make_cart(server))
            if len(written) == 10:
                enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert enough.wait(30)
        for number in range(5):
            acknowledged = list(written)
            copy = working_folder / f"copy{number}.db"
            assert main(["backup", str(copy), "--database", f"sqlite:///{file}"]) == 0

            connection = apsw.Connection(str(copy))
            assert connection.execute("PRAGMA integrity_check").get == "ok"
            there = {checkout_id for (checkout_id,) in connection.execute("SELECT checkout_id FROM checkouts")}
            assert set(acknowledged) - there == set()
            connection.close()
    finally:
        stopping.set()
        writer.join()
    assert len(written) > 10


def test_a_backup_that_fails_leaves_no_file_behind(working_folder: Path) -> None:
    (working_folder / "shop.db").write_bytes(b"no database at all, but long enough to be read as one" * 100)

    assert main(["backup", "copy.db", "--database", "sqlite:///shop.db"]) == 1

    assert [entry.name for entry in working_folder.iterdir()] == ["shop.db"]


# ---------------------------------------------------------------------------------------------------- PostgreSQL


def test_a_dump_of_postgresql_in_use_is_restored_into_a_new_database_with_everything_in_it(
    working_folder: Path, path_of_programs: str
) -> None:
    url = database.on_postgresql()
    new_url = url.replace("@/" + database.name_of(url), "@/restored")
    with server_over(url, working_folder) as server:
        open_cart, (ordered, order_id) = make_cart(server), place_order(server)
        before = looked_at(server, open_cart, ordered)
        until_told(lambda: database.run(database.rows(url, "SELECT * FROM events")))

        run(PG_DUMP, path_of_programs, DATABASE=url, COPY=working_folder / "shop.dump")
        kept = database.run(_rows_of(url))
        make_cart(server)
    run(PG_RESTORE, path_of_programs, DATABASE=url, RESTORED=new_url, COPY=working_folder / "shop.dump")

    assert database.run(_rows_of(new_url)) == kept
    with server_over(new_url, working_folder) as restored:
        assert looked_at(restored, open_cart, ordered) == before
        assert place_order(restored)[1] == order_id + 1
    database.abandon(url)
    database.abandon(new_url)


# ---------------------------------------------------------------------------------------------------- one store as a file


@pytest.mark.parametrize("target", [database.SQLITE, database.POSTGRESQL])
@pytest.mark.parametrize("source", [database.SQLITE, database.POSTGRESQL])
def test_a_store_dumped_and_loaded_is_dumped_as_the_same_file_on_either_database(
    working_folder: Path, path_of_programs: str, source: str, target: str
) -> None:
    urls = [
        database.on_postgresql() if kind == database.POSTGRESQL else f"sqlite:///{working_folder / name}.db"
        for kind, name in ((source, "first"), (target, "second"))
    ]
    assert main(["load", str(DEMO_FILE), "--store", "myshop", "--database", urls[0]]) == 0

    variables: dict[str, object] = {"STORE": "myshop", "DATABASE": urls[0], "OTHER_DATABASE": urls[1]}
    run(DUMP_AND_LOAD, path_of_programs, COPY="first.yaml", **variables)
    variables |= {"DATABASE": urls[1], "OTHER_DATABASE": urls[0]}
    run(DUMP_AND_LOAD, path_of_programs, COPY="second.yaml", **variables)

    first, second = (working_folder / "first.yaml").read_text(), (working_folder / "second.yaml").read_text()
    assert "Canvas Laundry Cart" in first
    assert first == second
    for url in urls:
        database.abandon(url)
