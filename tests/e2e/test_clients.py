"""Those recipes of docs/clients.md that need Node.js or a browser."""

import functools
import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import needs
from tests.server import free_port
from tests.test_clients import Served, blocks, environment

SDK = "The official SDK in a page of one's own"
PAGE = (
    '<!doctype html><title>Shop</title><link rel="icon" href="data:," /><script type="module" src="/shop.js"></script>'
)


def site(folder: Path, host: str | None) -> Path:
    """The page of the recipe, made as the recipe says; `host`: None leaves it out, as on the server's own origin."""
    (script,) = blocks(SDK, "js")
    named = 'const host = "http://localhost:8080"'
    assert named in script
    (folder / "shop.js").write_text(script.replace(named, f'const host = "{host or ""}"'))
    (folder / "node_modules").symlink_to(needs.PACKAGES)
    made = folder / "site"
    made.mkdir()
    needs.bundle(folder / "shop.js", made / "shop.js")
    (made / "index.html").write_text(PAGE)
    return made


def visit(url: str, chromium: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(needs.node("visit.mjs", url, chromium))
    return told


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server of files on an origin of its own, and the folder it serves."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}", folder
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


def test_a_page_that_the_server_shows_buys_with_the_sdk(chromium: str, tmp_path: Path) -> None:
    page, server = blocks(SDK, "bash")[0], tmp_path / "server"
    server.mkdir()
    site(server, None)
    served = Served(page, server)
    served.welcome()
    try:
        assert visit(f"http://127.0.0.1:{served.port}/checkout", chromium) == {"title": "Order 100", "slips": []}
    finally:
        served.stop()


def test_a_page_of_another_origin_buys_with_the_sdk(chromium: str, tmp_path: Path, elsewhere: tuple[str, Path]) -> None:
    origin, folder = elsewhere
    command = blocks(SDK, "bash")[1]
    assert "http://localhost:3000" in command
    served = Served(command.replace("http://localhost:3000", origin), tmp_path)
    served.welcome()
    site(folder, f"http://localhost:{served.port}")
    try:
        assert visit(origin, chromium) == {"title": "Order 100", "slips": []}
    finally:
        served.stop()


def test_a_node_client_works_with_an_agent(chromium: str, tmp_path: Path) -> None:
    (script,) = blocks("A Node.js client", "js")
    served = Served(blocks("Clients that insist on https", "bash")[0], tmp_path)
    served.welcome()
    (tmp_path / "shop.mjs").write_text(script.replace("8443", str(served.port)))
    (tmp_path / "node_modules").symlink_to(needs.PACKAGES)
    try:
        done = subprocess.run(
            ["node", "shop.mjs"],
            cwd=tmp_path,
            env=environment(tmp_path, NODE_EXTRA_CA_CERTS="checkstand-tls/ca.pem"),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    finally:
        served.stop()

    assert (done.stdout, done.returncode) == ("50\n", 0), done.stderr
