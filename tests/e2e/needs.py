"""What the browser tests need: Chromium, Node.js and the packages of package.json. Where something is missing they are left out,
and the end of the test run says how to get it; with CHECKSTAND_BROWSER_TESTS=required, as in CI, it is a failure instead."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARE_REQUIRED = os.environ.get("CHECKSTAND_BROWSER_TESTS") == "required"


def chromium() -> str:
    """Where it is; "" if it is nowhere."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), "")


def missing() -> list[str]:
    """What there is to do before they run, as shell commands."""
    steps = []
    if not chromium():
        steps.append("apt-get install chromium")
    if not shutil.which("node"):
        steps.append("apt-get install nodejs npm")
    if not PACKAGES.is_dir():
        steps.append("npm ci --prefix tests/e2e")
    return steps


def node(script: str, *arguments: str, seconds: float = 240) -> str:
    """What a script printed. It has to end well."""
    command = ["node", str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def bundle(entry: Path, output: Path) -> None:
    """A script and all it imports as one file for browsers."""
    options = ["--bundle", "--format=esm", "--minify", "--log-level=error"]
    subprocess.run([PACKAGES / ".bin" / "esbuild", entry, *options, f"--outfile={output}"], check=True)
