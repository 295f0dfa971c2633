"""The figures of a run, the bars they are held against, and the table that shows both."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct


class Bar(Struct, frozen=True):
    """A limit of PRODUCT's "How good it must be"."""

    limit: float
    kind: str
    """`at least`, `at most` or `below`."""

    def passes(self, value: float) -> bool:
        if self.kind == "at least":
            return value >= self.limit
        return value <= self.limit if self.kind == "at most" else value < self.limit

    def __str__(self) -> str:
        sign = {"at least": ">=", "at most": "<=", "below": "<"}[self.kind]
        return f"{sign} {self.limit:g}"


class Row(Struct, frozen=True, kw_only=True):
    """One line of the table. `floor` and `ours` are in `unit`; the bar holds for the ratio, or for `ours` without one."""

    section: str
    case: str
    unit: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    ratios: tuple[float, ...] = ()
    """Of each round; `ratio` is their median."""
    connections: int | None = None
    bar: Bar | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    floor_p50_ms: float | None = None
    floor_p99_ms: float | None = None
    cpu_us: float | None = None
    """CPU time of the server for one request."""
    floor_cpu_us: float | None = None

    @property
    def passed(self) -> bool | None:
        return None if self.bar is None else self.bar.passes(self.ours if self.ratio is None else self.ratio)


HEADINGS = (
    "case",
    "conn.",
    "floor",
    "ours",
    "ratio (lowest - highest)",
    "bar",
    "result",
    "floor p50/p99",
    "ours p50/p99",
    "floor CPU",
    "ours CPU",
)


def table(rows: Sequence[Row]) -> str:
    """In plain text that is a Markdown table too, so that it can be kept in a document."""
    lines: list[tuple[str, ...]] = [HEADINGS]
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines.append((f"*{section}*", *("" for _ in HEADINGS[1:])))
        lines.append(_cells(row))
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = ["| " + " | ".join(_padded(line, widths)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([text[0], rule, *text[1:]])


def _padded(line: tuple[str, ...], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.case,
        "" if row.connections is None else str(row.connections),
        "" if row.floor is None else _figure(row.floor, row.unit),
        _figure(row.ours, row.unit),
        "" if row.ratio is None else f"{row.ratio:.2f} ({min(row.ratios):.2f} - {max(row.ratios):.2f})",
        "" if row.bar is None else str(row.bar),
        {None: "", True: "passed", False: "MISSED"}[row.passed],
        _latencies(row.floor_p50_ms, row.floor_p99_ms),
        _latencies(row.p50_ms, row.p99_ms),
        "" if row.floor_cpu_us is None else f"{row.floor_cpu_us:.0f} µs",
        "" if row.cpu_us is None else f"{row.cpu_us:.0f} µs",
    )


def _figure(value: float, unit: str) -> str:
    if unit == "/s":
        return f"{value:,.0f}/s"
    return f"{value:.2f} {unit}" if value < 100 else f"{value:,.0f} {unit}"


def _latencies(p50_ms: float | None, p99_ms: float | None) -> str:
    return "" if p50_ms is None or p99_ms is None else f"{p50_ms:.2f} / {p99_ms:.2f} ms"


class Report(Struct, kw_only=True):
    """What `--json` writes."""

    started: str
    seconds: float
    quick: bool
    others_share: float
    """Of all processors, what other programs used meanwhile: the less, the more the figures can be trusted."""
    python: str = platform.python_version()
    system: str = f"{platform.system()} {platform.machine()}"
    processors: int = os.cpu_count() or 0
    rows: list[Row]


def write(report: Report, path: Path) -> None:
    content = msgspec.to_builtins(report)
    for entry, row in zip(content["rows"], report.rows, strict=True):
        entry["passed"] = row.passed
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
