"""Reads `queries.sql`: one statement under each `-- name:` line."""

from functools import cache
from importlib.resources import files


@cache
def named_queries() -> dict[str, str]:
    text = files("checkstand.storage").joinpath("queries.sql").read_text("utf-8")
    blocks = text.split("-- name: ")[1:]
    return {name.strip(): statement.strip() for name, statement in (block.split("\n", 1) for block in blocks)}


def migrations() -> list[tuple[int, str]]:
    """Number and text of every migration, in order."""
    folder = files("checkstand.storage").joinpath("migrations")
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [(int(entry.name.split("_")[0]), entry.read_text("utf-8")) for entry in scripts]
