"""The README does what it says: its own lines are run, against the server as a process."""

import re
import subprocess
from pathlib import Path

from checkstand.settings import ENVIRONMENT
from tests.server import RunningServer

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```bash\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def run(script: str, **environment: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_first_script_goes_from_an_empty_cart_to_an_order_with_two_consignments_and_a_pick_up(
    tmp_path: Path,
) -> None:
    with RunningServer(tmp_path) as server:
        lines = run(BLOCKS[0] + '\ncall GET "/checkouts/$ID"; echo\n', API=f"{server.url}/stores/demo/v3")

        # Goods 13.99 + 13.99 + 25.00 and shipping 1.25 + 2.50. Texas taxes 8.25 % of 13.99, 25.00 and 1.25 (1.15, 2.06, 0.10),
        # the rest of the country 4 % of 13.99 (0.56): 56.73 + 3.87.
        assert lines[:4] == ["1.25", "3.75", "60.6", "100"]
        assert '"order_id":"100"' in lines[4]
        assert lines[4].count('"selected_shipping_option":') == 2
        assert lines[4].count('"selected_pickup_option":{"pickup_method_id":1}') == 1


def test_the_second_script_opens_a_session_and_finds_places_to_pick_up(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server:
        empty, cart, places = run(BLOCKS[1], SHOP=server.url)

        assert empty == "[]"
        assert '"name":"Chambray Towel"' in cart
        assert '"displayName":"Pick up in Austin"' in places
        assert places.index("Pick up in Austin") < places.index("Pick up in Dallas")


def test_the_first_screen_says_what_it_is_and_how_to_run_it() -> None:
    first_screen = "\n".join(README.read_text("utf-8").splitlines()[:24])

    assert "make demo" in first_screen
    assert "make test" in first_screen
    assert "consignment" in first_screen


def test_every_setting_is_documented() -> None:
    text = README.read_text("utf-8")
    assert [variable for variable in ENVIRONMENT.values() if variable not in text] == []
