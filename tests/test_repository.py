"""Promises about the repository itself: what may stand in its files, and how it is set up and checked."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-run.lock"]

# Each is put together from pieces, so that this file does not contain what it forbids.
REGISTRY_HOSTS = [
    re.escape(".".join(labels))
    for labels in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("npmjs", "com"),
        ("deb", "debian"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("proxy", "golang"),
    ]
]
MACHINE_PATHS = [
    r"(?<![\w.$}-])/" + rest
    for rest in ["home" + r"/\w", "Users" + r"/\w", "root" + r"/", "work" + r"/", "private" + r"/var/", "mnt" + r"/\w"]
] + [r"\b[A-Za-z]:\\" + "Users"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def tracked_texts() -> dict[str, str]:
    """Every tracked text file by its name; a file that is tracked but removed in the working tree is left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    texts = {}
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and b"\0" not in (content := path.read_bytes()):
            texts[name] = content.decode("utf-8")
    return texts


def pins(lock: str) -> dict[str, str]:
    """Name to version of each requirement in a lock."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)", read(lock), flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_path(lock: str) -> None:
    text = read(lock)

    assert "://" not in text
    assert "index-url" not in text
    assert "find-links" not in text
    assert not re.search(r"[\w-]+\.(?:com|org|net|io|dev)\b", text)
    assert not re.search(r"(?:^|[\s=\"'])(?:~|\.{0,2})/", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_in_a_lock_is_pinned_and_has_a_hash(lock: str) -> None:
    lines = [line for line in read(lock).splitlines() if line and not line.lstrip().startswith("#")]
    requirements = "\n".join(lines).replace("\\\n", " ").splitlines()

    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9][a-z0-9.-]*==\S+ ", requirement), requirement
        assert re.search(r" --hash=sha256:[0-9a-f]{64}\b", requirement), requirement


def test_the_two_locks_agree_so_that_one_environment_serves_both() -> None:
    assert pins("requirements-run.lock").items() <= pins("requirements.lock").items()


def test_no_tracked_file_names_a_package_registry_host() -> None:
    forbidden = re.compile("|".join(REGISTRY_HOSTS), re.IGNORECASE)

    found = [(name, match.group()) for name, text in tracked_texts().items() if (match := forbidden.search(text))]

    assert found == []


def test_no_tracked_file_names_an_absolute_path_of_a_developers_machine() -> None:
    forbidden = re.compile("|".join(MACHINE_PATHS))

    found = [(name, match.group()) for name, text in tracked_texts().items() if (match := forbidden.search(text))]

    assert found == []


def test_every_make_target_is_documented() -> None:
    makefile = read("Makefile")

    targets = set(re.findall(r"^\.PHONY: (\w+)$", makefile, flags=re.MULTILINE))
    documented = set(re.findall(r"^([a-z]+):.*## \S", makefile, flags=re.MULTILINE))
    assert targets == documented
    assert {"demo", "test", "bench", "lint", "format", "lock", "clean", "help"} <= targets


def test_make_alone_prints_the_documented_targets() -> None:
    # Without the flags of a make that may be running these tests.
    environment = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}

    printed = subprocess.run(["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    assert "demo" in printed
    assert "Set up, then run every check that a change must pass" in printed


def test_pytest_is_the_last_thing_that_make_test_runs() -> None:
    rule = re.search(r"^test:.*\n((?:\t.*\n)+)", read("Makefile"), flags=re.MULTILINE)

    assert rule is not None
    commands = rule.group(1).splitlines()
    assert [
        tool for command in commands for tool in ("ruff check", "ruff format", "mypy", "pytest") if tool in command
    ] == [
        "ruff check",
        "ruff format",
        "mypy",
        "pytest",
    ]
    assert "pytest" in commands[-1]


def test_continuous_integration_runs_what_a_contributor_runs() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"
