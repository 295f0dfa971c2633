"""`python -m bench`: measure, print the table. A bar that is missed is said in its row and is not an error."""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.cases import SECTIONS
from bench.report import Report, Row, table, write
from bench.scale import FULL, QUICK, Scale
from bench.servers import cpu_by_others

QUIET = 0.1
"""The share of the processors up to which other programs hardly show in the figures."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Speed, growth, memory and start of the server."
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer requests: half a minute, and figures that vary more"
    )
    parser.add_argument("--only", choices=SECTIONS, nargs="+", default=list(SECTIONS), help="measure only these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, too")
    options = parser.parse_args()

    report = measure(QUICK if options.quick else FULL, options.only)

    print(table(report.rows))
    print(f"\nIn {report.seconds:.0f} s, while other programs used {report.others_share:.0%} of the processors.")
    if report.others_share > QUIET:
        print("That is much: measure again on a quiet machine before believing a figure.")
    if options.json:
        write(report, options.json)
    return 0


def measure(scale: Scale, sections: list[str]) -> Report:
    started, clock, others = datetime.now(UTC), time.monotonic(), cpu_by_others()
    rows: list[Row] = []
    for section in sections:
        for rows_of in SECTIONS[section]:
            with tempfile.TemporaryDirectory(prefix="checkstand-bench-") as folder:
                rows += rows_of(Path(folder), scale)
    return Report(
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        quick=scale is QUICK,
        others_share=others(),
        rows=rows,
    )


if __name__ == "__main__":
    sys.exit(main())
