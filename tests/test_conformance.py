"""Our answers against the published shapes, by the checker that stands beside the repository.

Where it is not there (a clone on its own) the shapes are still held by the other tests; these two are then left out.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import Shop
from tests.recording import a_day

ROOT = Path(__file__).parent.parent
CHECKER = ROOT.parent / "shared" / "contract" / "conformance.py"
COMPATIBILITY = ROOT / "docs" / "compatibility.md"

pytestmark = pytest.mark.skipif(not CHECKER.exists(), reason="the published shapes do not stand beside this repository")

OUR_STATUSES = {"400", "401", "403", "404", "405", "409", "413", "415", "422", "501", "503"}
"""Decided where the published pages list fewer (docs/compatibility.md); 204 is a cart that went with its last line."""


@pytest.fixture(scope="module")
def report(stored_on: str, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    with Shop() as shop:
        said = [json.loads(line) for line in str(a_day(shop)).splitlines()]
    rows = checked(said, tmp_path_factory.mktemp("conformance"))
    assert len(rows) > 70
    return rows


def checked(exchanges: list[dict[str, object]], folder: Path) -> list[dict[str, object]]:
    """What the checker finds in exchanges of requests and answers: a row for each."""
    run, report = folder / "run.jsonl", folder / "report.json"
    run.write_text("".join(json.dumps(exchange) + "\n" for exchange in exchanges))
    command = [sys.executable, str(CHECKER), "--exchanges", str(run), "--json", str(report)]
    subprocess.run(command, capture_output=True, check=False)
    rows: list[dict[str, object]] = json.loads(report.read_text())["exchanges"]
    return rows


def found(report: list[dict[str, object]], *kinds: str) -> list[tuple[str, str, str, str]]:
    """(request, kind, where, message) of every finding of these kinds."""
    rows = []
    for exchange in report:
        findings = exchange["findings"]
        assert isinstance(findings, list)
        rows += [(str(exchange["request"]), kind, where, message) for kind, where, message in findings if kind in kinds]
    return rows


SLIPS = "| where | slip |"


def broken(report: list[dict[str, object]]) -> list[tuple[str, str, str, str]]:
    """Every error of the report that no slip of a published shape explains."""
    slips = _patterns(SLIPS)
    errors = found(report, "no_operation", "bad_status", "invalid", "missing")
    return [error for error in errors if not any(slip.search(f"{error[0]} {error[2]}") for slip in slips)]


def test_no_answer_breaks_a_published_shape_but_where_the_shape_itself_is_a_slip(
    report: list[dict[str, object]],
) -> None:
    assert broken(report) == []
    assert len(_patterns(SLIPS)) == 14


def test_every_remark_of_the_checker_is_explained_in_the_compatibility_page(report: list[dict[str, object]]) -> None:
    explained = _patterns("| where | why |")
    unexplained = []
    for request, kind, where, message in found(report, "unknown", "missing_some", "status_undocumented"):
        if kind == "status_undocumented":
            known = message.split()[0] in OUR_STATUSES or (message.startswith("204") and request.startswith("DELETE"))
        else:
            known = any(pattern.search(where or "(body)") for pattern in explained)
        if not known:
            unexplained.append((request, kind, where, message))
    assert unexplained == []


def _patterns(header: str) -> list[re.Pattern[str]]:
    """The patterns in the first column of one of the page's tables."""
    text = COMPATIBILITY.read_text("utf-8")
    table = text[text.index(header) :].split("\n\n")[0]
    patterns = []
    for row in table.splitlines()[2:]:
        first = re.split(r"(?<!\\)\|", row)[1]
        patterns += [re.compile(pattern.replace(r"\|", "|")) for pattern in re.findall(r"`([^`]+)`", first)]
    return patterns
