"""Browser tests run where a browser is; elsewhere the end of the run says that they were left out."""

import pytest

from tests.e2e import needs


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is, with everything else the tests need."""
    if steps := needs.missing():
        assert not needs.ARE_REQUIRED, f"The browser tests need: {'; '.join(steps)}"
        pytest.skip("needs Chromium, Node.js and packages")
    return needs.chromium()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if steps := needs.missing():
        terminalreporter.write_line(f"The browser tests were left out. To have them: {'; '.join(steps)}")
