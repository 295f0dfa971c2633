"""The command line as its users have it: what it prints where, how it ends, and that it never shows a traceback."""

import asyncio
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from checkstand import __version__
from checkstand.__main__ import main
from checkstand.app import openapi_document
from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.commands import NewCheckout
from checkstand.service import carts
from checkstand.storage.open import open_storage
from tests.builders import a_moment
from tests.server import RunningServer, free_port

DEMO_FILE = Path(__file__).parent.parent / "demo" / "shop.yaml"


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has an empty folder to work in, and nothing in the environment."""
    for name in list(os.environ):
        if name.startswith("CHECKSTAND_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Said:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, output: str, error: str) -> None:
        self.status, self.output, self.error = status, output, error


class CommandLine:
    def __init__(self, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capture, self._monkeypatch = capture, monkeypatch

    def __call__(self, *arguments: str, stdin: str = "") -> Said:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self._capture.readouterr()
        try:
            status = main(arguments)
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        said = self._capture.readouterr()
        return Said(status, said.out, said.err)


@pytest.fixture
def checkstand(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(capfd, monkeypatch)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop as store `myshop`, loaded once: hashing its passwords takes a while."""
    path = tmp_path_factory.mktemp("loaded") / "checkstand.db"
    assert main(["load", str(DEMO_FILE), "--store", "myshop", "--database", f"sqlite:///{path}"]) == 0
    return path


@pytest.fixture
def loaded(checkstand: CommandLine, database: Path, working_folder: Path) -> CommandLine:
    """With that shop in the database that is taken when none is named."""
    shutil.copy(database, working_folder / "checkstand.db")
    return checkstand


def running(folder: Path) -> RunningServer:
    """A server over the database in the working folder."""
    server = RunningServer(folder, "--host", "127.0.0.1")
    server.database = f"sqlite:///{folder / 'checkstand.db'}"
    return server


# ---------------------------------------------------------------------------------------------------- help and wrong usage


def test_the_version_is_the_packages(checkstand: CommandLine) -> None:
    assert checkstand("--version").output == f"checkstand {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        *("serve", "load", "dump", "backup", "token", "webhook-secret", "webhook-log"),
        *("migrate", "openapi", "explain", "replay"),
    ],
)
def test_every_command_has_help_and_is_listed(checkstand: CommandLine, command: str) -> None:
    overview, own = checkstand("--help"), checkstand(command, "--help")

    assert (overview.status, own.status) == (0, 0)
    assert re.search(rf"^    {command}\s+\w", overview.output, re.MULTILINE)
    assert own.output.startswith(f"usage: checkstand {command} ")


@pytest.mark.parametrize(
    "command", ["serve", "load", "dump", "backup", "token", "migrate", "explain", "webhook-secret", "webhook-log"]
)
def test_every_command_that_touches_data_takes_a_database(checkstand: CommandLine, command: str) -> None:
    assert "--database URL" in checkstand(command, "--help").output


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sell"],
        ["serve", "--port", "http"],
        ["serve", "--port", "65536"],
        ["serve", "--workers", "0"],
        ["serve", "now"],
        ["load", "shop.yaml"],
        ["load", "--store", "myshop"],
        ["dump"],
        ["backup"],
        ["token", "--store", "myshop"],
        ["token", "--scope", "all"],
        ["explain"],
        ["replay"],
        ["openapi", "--database", "sqlite://"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_status_2_and_how_it_is_used(checkstand: CommandLine, arguments: list[str]) -> None:
    said = checkstand(*arguments)

    assert said.status == 2
    assert said.output == ""
    assert said.error.startswith("usage: checkstand")


# ---------------------------------------------------------------------------------------------------- load and dump


def test_a_shop_is_loaded_and_dumped_again(loaded: CommandLine, working_folder: Path) -> None:
    dumped = loaded("dump", "--store", "myshop")

    assert (dumped.status, dumped.error) == (0, "")
    assert yaml.safe_load(dumped.output)["store"]["hash"] == "myshop"
    assert (working_folder / "checkstand.db").exists()


def test_loading_tells_what_was_loaded(checkstand: CommandLine) -> None:
    said = checkstand("load", str(DEMO_FILE), "--store", "myshop")

    assert (said.status, said.output) == (0, "")
    assert said.error == "Loaded store myshop: 6 products, 3 shipping zones, 2 customers and 3 tokens.\n"


def test_each_client_has_a_secret_of_its_own_that_does_not_change(loaded: CommandLine) -> None:
    def secret(client: str) -> str:
        return loaded("webhook-secret", "--store", "myshop", "--client", client).output

    assert re.fullmatch(r"[0-9a-f]{64}\n", secret("demo"))
    assert secret("demo") == secret("demo") != secret("demo, carts only")


def test_the_log_of_webhooks_is_empty_as_long_as_nothing_was_sent(loaded: CommandLine) -> None:
    said = loaded("webhook-log", "--store", "myshop")

    assert (said.status, said.output) == (0, "")


def test_a_dump_of_a_loaded_dump_is_the_same_file(loaded: CommandLine) -> None:
    first = loaded("dump", "--store", "myshop").output

    said = loaded("load", "-", "--store", "myshop", "--database", "sqlite:///other.db", stdin=first)

    assert said.status == 0
    assert loaded("dump", "--store", "myshop", "--database", "sqlite:///other.db").output == first


def test_a_shop_file_may_be_json(loaded: CommandLine, working_folder: Path) -> None:
    shop = yaml.safe_load(loaded("dump", "--store", "myshop").output)
    (working_folder / "shop.json").write_text(json.dumps(shop))

    assert loaded("load", "shop.json", "--store", "copy").status == 0


def test_the_environment_names_the_database(
    checkstand: CommandLine, working_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKSTAND_DATABASE", "sqlite:///named.db")

    checkstand("load", str(DEMO_FILE), "--store", "myshop")

    assert (working_folder / "named.db").exists()
    assert not (working_folder / "checkstand.db").exists()


def test_a_file_that_is_wrong_loads_nothing(loaded: CommandLine, working_folder: Path) -> None:
    before = loaded("dump", "--store", "myshop").output
    (working_folder / "wrong.yaml").write_text(DEMO_FILE.read_text("utf-8").replace("price: 25.00", "price: 25.001"))

    said = loaded("load", "wrong.yaml", "--store", "myshop")

    assert said.status == 1
    assert said.error == "checkstand: In the shop file products[1].price may have at most 2 decimal places in USD.\n"
    assert loaded("dump", "--store", "myshop").output == before


# ---------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["load", "nowhere.yaml", "--store", "x"], "nowhere.yaml cannot be read: No such file or directory."),
        (["load", ".", "--store", "x"], ". cannot be read: Is a directory."),
        (["load", "binary", "--store", "x"], "binary is not text in UTF-8."),
        (
            ["load", "broken.yaml", "--store", "x"],
            "The shop file is neither YAML nor JSON: did not find expected ',' or ']' in line 2, column 1.",
        ),
        (["load", "list.yaml", "--store", "x"], "The shop file must be an object with a store."),
        (
            ["load", str(DEMO_FILE), "--store", "a/b"],
            "In the shop file store.hash must be of letters, digits, _ and -, not 'a/b'.",
        ),
        (["dump", "--store", "nope"], "There is no store nope."),
        (["token", "--store", "nope", "--scope", "all"], "There is no store nope."),
        (["explain", "nope", "--store", "nope"], "There is no store nope."),
        (["webhook-secret", "--store", "nope", "--client", "demo"], "There is no store nope."),
        (["webhook-log", "--store", "nope"], "There is no store nope."),
        (["explain", "nope"], "There is no cart or checkout nope."),
        (
            ["dump", "--store", "x", "--database", "sqlite:///nowhere.db"],
            "There is no database file nowhere.db; name another one with --database, or load a shop first.",
        ),
        (
            ["dump", "--store", "x", "--database", "sqlite:///binary"],
            "The database file binary cannot be used: file is not a database.",
        ),
        (
            ["migrate", "--database", "sqlite:///nowhere/shop.db"],
            "The database file nowhere/shop.db cannot be opened; is nowhere a folder one can write to?",
        ),
        (
            ["migrate", "--database", "mysql://localhost"],
            "mysql://localhost is not a database this server knows; use ",
        ),
        (["explain", "nope", "--case", "nowhere.json"], "nowhere.json cannot be read: No such file or directory."),
        (["explain", "nope", "--case", "binary"], "The command cannot be read: "),
        (
            ["backup", "copy.db", "--database", "sqlite:///nowhere.db"],
            "There is no database file nowhere.db; name another one with --database.",
        ),
        (["backup", "list.yaml"], "list.yaml is there already; a backup never replaces another file."),
        (["backup", "nowhere/copy.db"], "The database checkstand.db cannot be copied to nowhere/copy.db: "),
        (["backup", "copy.db", "--database", "sqlite:///binary"], "The database binary cannot be copied to copy.db: "),
        (["backup", "x", "--database", "postgresql://localhost/shop"], "PostgreSQL brings its own programs: pg_dump "),
        (["replay", "nowhere.json"], "nowhere.json cannot be read: No such file or directory."),
        (["replay", "broken.yaml"], "The case cannot be read: "),
    ],
    ids=lambda value: " ".join(Path(word).name for word in value) if isinstance(value, list) else "",
)
def test_a_refusal_is_one_sentence_on_standard_error(
    loaded: CommandLine, working_folder: Path, arguments: list[str], sentence: str
) -> None:
    (working_folder / "binary").write_bytes(b"\xff\xfe\x00not text, and no database either\x00" * 40)
    (working_folder / "broken.yaml").write_text("store: [1\n")
    (working_folder / "list.yaml").write_text("- store\n")

    said = loaded(*arguments)

    assert said.status == 1
    assert said.output == ""
    assert said.error.startswith(f"checkstand: {sentence}")
    assert said.error.count("\n") == 1


def test_a_setting_that_cannot_be_understood_is_named(checkstand: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKSTAND_LOG", "loud")

    said = checkstand("serve")

    assert (said.status, said.error) == (1, "checkstand: CHECKSTAND_LOG must be requests or none, not 'loud'.\n")


def test_several_processes_over_sqlite_are_refused_with_the_reason(checkstand: CommandLine) -> None:
    said = checkstand("serve", "--workers", "2")

    assert said.status == 1
    assert said.error.startswith("checkstand: --workers above 1 needs PostgreSQL. SQLite has one writer")


def test_a_reader_that_stops_early_is_no_reason_to_complain(loaded: CommandLine, working_folder: Path) -> None:
    script = f"{sys.executable} -m checkstand openapi | head -c 1"

    done = subprocess.run(["bash", "-c", script], cwd=working_folder, capture_output=True, check=False)

    assert (done.stdout, done.stderr) == (b"{", b"")


# ---------------------------------------------------------------------------------------------------- tokens


def test_a_token_is_printed_once_and_works(loaded: CommandLine, working_folder: Path) -> None:
    said = loaded("token", "--store", "myshop", "--scope", "store_cart", "--name", "Front end")

    token = said.output.strip()
    assert (said.status, said.output) == (0, f"{token}\n")
    assert token not in said.error
    assert token.encode() not in (working_folder / "checkstand.db").read_bytes()
    with running(working_folder) as server:
        base, headers = f"{server.url}/stores/myshop/v3", {"X-Auth-Token": token}
        item = {"line_items": [{"product_id": 170, "quantity": 1}]}
        assert httpx.post(f"{base}/carts", json=item, headers=headers).status_code == 201
        assert httpx.get(f"{base}/catalog/products", headers=headers).status_code == 403


def test_scopes_may_be_listed_repeated_or_joined_by_commas(loaded: CommandLine) -> None:
    for arguments in (
        ["--scope", "store_cart", "store_checkout"],
        ["--scope", "store_cart", "--scope", "store_checkout"],
        ["--scope", "store_cart,store_checkout"],
    ):
        assert loaded("token", "--store", "myshop", "--name", "same", *arguments).status == 0

    tokens = yaml.safe_load(loaded("dump", "--store", "myshop").output)["tokens"]
    assert [entry["scopes"] for entry in tokens if entry["name"] == "same"] == [["store_cart", "store_checkout"]] * 3


def test_an_unknown_scope_is_refused_and_makes_no_token(loaded: CommandLine) -> None:
    before = loaded("dump", "--store", "myshop").output

    said = loaded("token", "--store", "myshop", "--scope", "store_everything")

    assert (said.status, said.output) == (1, "")
    assert said.error.startswith("checkstand: scope 'store_everything' is not known; known are all, all_read_only, ")
    assert loaded("dump", "--store", "myshop").output == before


# ---------------------------------------------------------------------------------------------------- migrate and openapi


def test_migrating_brings_a_new_database_up_to_date_once(checkstand: CommandLine) -> None:
    first, second = checkstand("migrate"), checkstand("migrate")

    assert (first.status, second.status) == (0, 0)
    assert first.error.startswith("Applied migration 1")
    assert second.error == "The database is up to date.\n"


def test_the_openapi_document_is_printed_as_it_is_served(checkstand: CommandLine, working_folder: Path) -> None:
    said = checkstand("openapi")

    assert (said.status, said.error) == (0, "")
    assert said.output.encode() == openapi_document()
    assert list(working_folder.iterdir()) == []


# ---------------------------------------------------------------------------------------------------- explain and replay


@pytest.fixture
def checkout_id(loaded: CommandLine) -> str:
    """A cart of two laundry carts in the database."""

    async def create() -> str:
        storage, driver = await open_storage("sqlite:///checkstand.db")
        try:
            line = NewLine(product_id=184, variant_id=364, quantity=2)
            draft = NewCheckout(items=NewItems(lines=(line,)))
            return (await carts.create(storage.unit("myshop"), draft, a_moment())).checkout.id
        finally:
            await driver.close()

    return asyncio.run(create())


def test_a_checkout_is_explained_by_its_entries_in_an_aligned_table(loaded: CommandLine, checkout_id: str) -> None:
    said = loaded("explain", checkout_id)

    assert (said.status, said.error) == (0, "")
    assert said.output.splitlines() == [
        f"Checkout {checkout_id} of store myshop, version 1. Amounts in USD, prices as entered.",
        "",
        "subtotal                                                                 27.98",
        "  charge     2 × Canvas Laundry Cart (SMA-RED)  list price               31.98",
        "  discount   2 × Canvas Laundry Cart (SMA-RED)  $2.00 off laundry carts  -4.00",
        "shipping                                                                  0.00",
        "tax                                                                       0.00",
        "grand total                                                              27.98",
    ]


def test_the_store_must_be_named_when_there_are_several(loaded: CommandLine, checkout_id: str) -> None:
    loaded("load", str(DEMO_FILE), "--store", "another")

    unnamed, named = loaded("explain", checkout_id), loaded("explain", checkout_id, "--store", "myshop")

    assert (unnamed.status, named.status) == (1, 0)
    assert unnamed.error == "checkstand: The database has several stores; say which one with --store HASH.\n"


def test_without_a_store_explain_says_so(checkstand: CommandLine) -> None:
    checkstand("migrate")

    said = checkstand("explain", "1")

    assert said.error == "checkstand: The database has no store yet; load one with checkstand load.\n"


def test_a_case_is_written_and_replayed(loaded: CommandLine, checkout_id: str, working_folder: Path) -> None:
    command = {"command": "set_customer_message", "message": "Please ring twice."}
    (working_folder / "command.json").write_text(json.dumps(command))
    (working_folder / "case.json").write_text(loaded("explain", checkout_id, "--case", "command.json").output)

    first, second = loaded("replay", "case.json"), loaded("replay", "case.json")

    result = json.loads(first.output)
    assert (first.status, first.error) == (0, "")
    assert first.output == second.output
    assert result["checkout"]["customer_message"] == "Please ring twice."
    assert (result["checkout"]["version"], result["totals"]["grand_total"]) == (2, [2798, "USD"])
    assert json.loads(loaded("explain", checkout_id, "--case").output)["checkout"]["version"] == 1


def test_a_case_may_come_from_standard_input(loaded: CommandLine, checkout_id: str) -> None:
    case = loaded("explain", checkout_id, "--case").output

    said = loaded("replay", "-", stdin=case)

    assert json.loads(said.output)["checkout"]["id"] == checkout_id


def test_a_case_whose_command_is_refused_is_refused_in_the_same_words(loaded: CommandLine, checkout_id: str) -> None:
    command = json.dumps({"command": "remove_line", "line_id": "nothing"})
    case = loaded("explain", checkout_id, "--case", "-", stdin=command).output

    said = loaded("replay", "-", stdin=case)

    assert (said.status, said.output) == (1, "")
    assert said.error == f"checkstand: Line item nothing is not in cart {checkout_id}.\n"


# ---------------------------------------------------------------------------------------------------- serve


def start(*arguments: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "checkstand", "serve", *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def welcome(process: subprocess.Popen[str]) -> str:
    """All it prints when it starts, up to the first empty line after the calls."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith(("# Stop", "# Or stop")):
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        lines.append(line)
    return "".join(lines)


def stop(process: subprocess.Popen[str], sent: int = signal.SIGTERM) -> tuple[int, str]:
    """Exit status and what it had to say on standard error."""
    process.send_signal(sent)
    _, error = process.communicate(timeout=15)
    return process.returncode, error


@pytest.fixture
def demo(working_folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = start("--demo", "--port", "0", folder=working_folder)
    yield process
    process.kill()
    process.communicate()


def test_the_demo_prints_a_block_for_an_env_file_and_calls_that_work(demo: subprocess.Popen[str]) -> None:
    printed = welcome(demo)

    values: dict[str, Any] = dict(re.findall(r"^(\w+)=(.*)$", printed, re.MULTILINE))
    assert list(values) == ["CHECKSTAND_URL", "STORE_HASH", "ACCESS_TOKEN", "API_PATH", "CHECKOUT_ID", "CLIENT_SECRET"]
    assert (values["STORE_HASH"], values["ACCESS_TOKEN"]) == ("demo", "demo-token")
    assert all(re.match(r"#|$|\w+=\S", line) for line in printed.splitlines())
    calls = re.findall(r"^#   (curl .*)$", printed, re.MULTILINE)
    assert len(calls) == 2
    for call in calls:
        url = call.split()[-1]
        headers = {"X-Auth-Token": "demo-token"} if "X-Auth-Token" in call else {}
        assert httpx.get(url, headers=headers).status_code == 200
    checkout = httpx.get(
        f"{values['API_PATH']}/checkouts/{values['CHECKOUT_ID']}", headers={"X-Auth-Token": values["ACCESS_TOKEN"]}
    )
    assert checkout.json()["data"]["grand_total"] == 77.97


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_the_server_stops_when_it_is_asked_to_and_leaves_nothing_of_a_demo_behind(
    demo: subprocess.Popen[str], working_folder: Path, sent: int
) -> None:
    welcome(demo)
    assert [entry.name[:16] for entry in working_folder.iterdir()] == ["checkstand-demo-"]

    status, error = stop(demo, sent)

    assert (status, error) == (0, "")
    assert list(working_folder.iterdir()) == []


def test_a_client_that_does_not_finish_cannot_hold_the_server_for_ten_seconds(demo: subprocess.Popen[str]) -> None:
    url = httpx.URL(re.findall(r"^CHECKSTAND_URL=(.*)$", welcome(demo), re.MULTILINE)[0])
    with (
        socket.create_connection((url.host, url.port or 0)) as idle,
        socket.create_connection((url.host, url.port or 0)) as slow,
    ):
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(15) == b"HTTP/1.1 200 OK"
        slow.sendall(
            b"POST /stores/demo/v3/carts HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: demo-token\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        time.sleep(0.2)
        asked = time.monotonic()

        status, _ = stop(demo)
        answer = slow.recv(4096)

    assert status == 0
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"The server is stopping and could not finish this request." in answer
    assert time.monotonic() - asked < 10


def test_a_port_that_is_in_use_is_said_in_a_sentence(working_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        process = start("--demo", "--port", str(port), folder=working_folder)
        output, error = process.communicate(timeout=15)

    assert (process.returncode, output) == (1, "")
    assert error == f"checkstand: Port {port} of 127.0.0.1 is in use; stop what uses it, or take another: --port N.\n"
    assert list(working_folder.iterdir()) == []


def test_an_address_that_is_not_this_machines_is_said_in_a_sentence(checkstand: CommandLine) -> None:
    said = checkstand("serve", "--host", "no.such.host.invalid")

    assert said.status == 1
    assert said.error.startswith("checkstand: The server cannot listen on port 8080 of no.such.host.invalid: ")
    assert said.error.count("\n") == 1


def test_with_an_empty_database_it_says_how_to_load_a_shop(working_folder: Path) -> None:
    process = start("--port", "0", folder=working_folder)
    try:
        printed = welcome(process)
    finally:
        status, _ = stop(process)

    assert status == 0
    assert "its database has no shop yet" in printed
    assert "#   checkstand load shop.yaml --store myshop\n" in printed
    assert "checkstand serve --demo" in printed


def test_with_a_shop_it_says_where_it_is_and_how_to_get_a_token(loaded: CommandLine, working_folder: Path) -> None:
    port = free_port()
    process = start("--port", str(port), folder=working_folder, CHECKSTAND_PUBLIC_URL="https://shop.example")
    try:
        printed = welcome(process)
    finally:
        stop(process)

    assert "CHECKSTAND_URL=https://shop.example\nSTORE_HASH=myshop\n" in printed
    assert f"# All endpoints: http://127.0.0.1:{port}/docs\n" in printed
    assert "# An access token: checkstand token --store myshop --scope all\n" in printed


def test_the_request_log_can_be_switched_off(working_folder: Path) -> None:
    written = {}
    for log in ("requests", "none"):
        process = start("--demo", "--port", "0", folder=working_folder, CHECKSTAND_LOG=log)
        url = re.findall(r"^CHECKSTAND_URL=(.*)$", welcome(process), re.MULTILINE)[0]
        httpx.get(f"{url}/health")
        written[log] = stop(process)[1]

    assert json.loads(written["requests"])["path"] == "/health"
    assert written["none"] == ""
