"""docs/clients.md does what it says: its recipes are run as they stand there, on ports that are free."""

import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from checkstand.errors import Unavailable
from checkstand.testing import TestServer
from checkstand.tls import certificate
from tests.server import free_port

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "clients.md").read_text("utf-8")


def blocks(heading: str, language: str) -> list[str]:
    """The code under a heading of the document, up to the next heading."""
    section = re.split(r"^#+ ", TEXT.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The commands of this environment, and the code as it is here."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    command = programs / "checkstand"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m checkstand "$@"\n')
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHECKSTAND_")}
    return {**kept, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"), **more}


def shell(script: str, folder: Path, **more: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Served:
    """A command of the document that serves, with its port replaced, until the end of the test."""

    def __init__(self, command: str, folder: Path) -> None:
        self.port = free_port()
        found = re.search(r"--port (\d+)", command)
        replaced = (
            command.replace(found[0], f"--port {self.port}") if found else f"{command.strip()} --port {self.port}"
        )
        arguments = ["bash", "-c", f"exec {replaced}"]
        self.process = subprocess.Popen(
            arguments, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def welcome(self) -> str:
        """What it printed; from then on it answers."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line == "\n" and any("Stop with" in each for each in lines):
                break
        return "".join(lines)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Served]:
    served = Served(blocks("Clients that insist on https", "bash")[0], tmp_path)
    served.welcome()
    yield served
    served.stop()


def test_what_the_server_prints_is_an_env_file(tmp_path: Path) -> None:
    (script,) = blocks("A headless shop's `.env`", "bash")
    port = str(free_port())

    said = shell(script.replace("8080", port).replace("--demo", f"--demo --port {port}"), tmp_path)

    assert '"grand_total":' in said


def test_https_is_spoken_with_a_certificate_made_for_this_machine(serve: Served, tmp_path: Path) -> None:
    command = blocks("Clients that insist on https", "bash")[1]

    assert shell(command.replace("8443", str(serve.port)), tmp_path) == '{"status":"ok"}'

    folder = tmp_path / "checkstand-tls"
    assert sorted(file.name for file in folder.iterdir()) == ["ca.pem", "cert.pem", "key.pem"]
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    kept = [line for line in (folder / "ca.pem").read_text().splitlines() if "BEGIN" in line]
    assert kept == ["-----BEGIN CERTIFICATE-----"]  # the key that signed is nowhere


def test_a_session_over_https_is_for_https_only(serve: Served, tmp_path: Path) -> None:
    command = f"curl -fsD - --cacert checkstand-tls/ca.pem https://127.0.0.1:{serve.port}/api/storefront/carts"

    cookies = [line for line in shell(command, tmp_path).splitlines() if line.startswith("set-cookie: ")]

    assert cookies
    assert all("; Secure" in cookie for cookie in cookies)


def test_a_certificate_that_is_there_is_used_and_half_of_one_refused(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    before = [file.read_bytes() for file in made]

    assert [file.read_bytes() for file in certificate(tmp_path)] == before

    made[0].unlink()
    with pytest.raises(Unavailable, match=r"has one of cert\.pem and key\.pem"):
        certificate(tmp_path)


def test_a_folder_that_nobody_can_write_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable, match="No certificate can be made in"):
        certificate(tmp_path / "file" / "tls")


def test_the_official_python_client_works_with_its_settings_alone(serve: Served, tmp_path: Path) -> None:
    (script,) = blocks("The official Python client", "python")
    (tmp_path / "script.py").write_text(script.replace("8443", str(serve.port)))

    # 2 x 25.00 less 10.00; the demo shop has six coupons, and this is the seventh.
    assert shell(f"{sys.executable} -W ignore script.py", tmp_path) == "40 7\n"


def test_the_steps_of_an_action_start_a_server_that_the_next_ones_find(tmp_path: Path) -> None:
    (text,) = blocks("Continuous integration", "yaml")
    install, *steps = [step["run"] for step in yaml.safe_load(text)["steps"]]
    assert install.startswith("pip install ")
    port, variables = str(free_port()), tmp_path / "variables"
    variables.touch()

    try:
        for step in steps:
            known = dict(line.split("=", 1) for line in variables.read_text().splitlines())
            command = step.replace("8080", port).replace("--demo", f"--demo --port {port}")
            # Each step is a shell of its own, and what one leaves running goes on.
            shell(command.replace(" &\n", " & echo $! > server.pid\n"), tmp_path, GITHUB_ENV=str(variables), **known)
    finally:
        os.kill(int((tmp_path / "server.pid").read_text()), signal.SIGTERM)

    assert '"grand_total":' in (tmp_path / "checkout.json").read_text()


# ---------------------------------------------------------------------------------------------------- pytest


def run_pytest(folder: Path, *arguments: str) -> str:
    """A test run of somebody else's, in a process of its own."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "checkstand.pytest_plugin", "-p", "no:cacheprovider", *arguments]
    alone = environment(folder, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    done = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_plugin_gives_each_test_a_store_of_its_own(tmp_path: Path) -> None:
    recipe, _ = blocks("Tests in pytest", "python")
    (tmp_path / "test_recipe.py").write_text(recipe)

    assert "2 passed" in run_pytest(tmp_path)


def test_the_plugin_runs_a_shop_of_ones_own(tmp_path: Path) -> None:
    _, override = blocks("Tests in pytest", "python")
    shop = (ROOT / "demo" / "shop.yaml").read_text("utf-8")
    (tmp_path / "shop.yaml").write_text(shop.replace("hash: demo\n", "hash: mine\n", 1))
    (tmp_path / "conftest.py").write_text(override)
    (tmp_path / "test_mine.py").write_text(
        "import httpx\n\n\n"
        "def test_it(checkstand):\n"
        "    assert checkstand.store_hash == 'mine'\n"
        "    assert httpx.get(f'{checkstand.api_path}/catalog/products', headers=checkstand.headers).status_code == 200\n"
    )

    assert "1 passed" in run_pytest(tmp_path)


def test_pytest_finds_the_plugin_where_the_package_is_installed() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")

    assert '[project.entry-points.pytest11]\ncheckstand = "checkstand.pytest_plugin"\n' in project


def test_a_fresh_store_takes_less_than_fifty_milliseconds_and_remembers_nothing() -> None:
    with TestServer() as server:
        server.fresh()
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            store = server.fresh()
            seconds.append(time.perf_counter() - began)
            with httpx.Client(base_url=store.api_path, headers=store.headers) as api:
                names = [product["name"] for product in api.get("/catalog/products?id=170").json()["data"]]
                assert names == ["Ceramic Measuring Spoons"]
                api.put("/catalog/products/170", json={"name": "Ladles"}).raise_for_status()

    assert min(seconds) < 0.05
