"""What is shown at /checkout: our own page, a folder with somebody else's, or nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkstand.api.http import App
from checkstand.app import application
from checkstand.errors import Invalid
from checkstand.settings import from_environment
from tests.client import Shop


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder as a shop's own build would leave it, beside something that is nobody's business."""
    (tmp_path / "secret.txt").write_text("not for you")
    folder = tmp_path / "page"
    (folder / "static").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Ours</title>")
    (folder / "static" / "app.js").write_text("// ä")
    (folder / ".env").write_text("KEY=1")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def with_bundle(shop: Shop, bundle: Path) -> Iterator[Shop]:
    shop.asgi = application(App(shop.storage), checkout_page=bundle)
    yield shop


@pytest.mark.parametrize(
    "path", ["/checkout", "/checkout/some-id", "/checkout/order-confirmation", "/embedded-checkout"]
)
def test_our_own_page_is_shown_and_may_call_nobody_but_this_server(shop: Shop, path: str) -> None:
    answer = shop.call("GET", path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<title>" in answer.text
    head = shop.call("HEAD", path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (
        200,
        b"",
        answer.headers["content-length"],
    )


def test_every_file_that_our_page_names_is_there(shop: Shop) -> None:
    text = shop.call("GET", "/checkout").text
    named = re.findall(r'(?:src|href)="(/[^"#]+)"', text)

    assert named
    for path in named:
        assert shop.call("GET", path).status_code == 200, path


def test_a_folder_takes_the_place_of_our_page(with_bundle: Shop) -> None:
    page = with_bundle.call("GET", "/checkout/order-confirmation")
    script = with_bundle.call("GET", "/static/app.js")

    assert page.text == "<!doctype html><title>Ours</title>"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.text == "// ä"
    assert with_bundle.call("GET", "/checkout/static/app.js").text == "// ä"  # named relative to the page's address
    assert with_bundle.call("GET", "/api/storefront/carts").json() == []


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/static/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/.env",
        "/out.txt",
        "/checkout/none.js",
        "/none",
    ],
)
def test_nothing_but_the_files_of_the_folder_is_shown(with_bundle: Shop, path: str) -> None:
    answer = with_bundle.call("GET", path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def test_the_page_can_only_be_read(shop: Shop) -> None:
    assert shop.call("POST", "/checkout").status_code == 404


def test_the_page_can_be_switched_off(shop: Shop) -> None:
    shop.asgi = application(App(shop.storage), checkout_page=None)

    assert shop.call("GET", "/checkout").status_code == 404


def test_a_folder_without_a_page_is_refused_when_the_server_starts(tmp_path: Path, bundle: Path) -> None:
    with pytest.raises(Invalid, match=r"index\.html"):
        from_environment({}, checkout_page=str(tmp_path))
    own = Path("own")
    assert from_environment({}, checkout_page=str(bundle)).page_folder(own) == bundle
    assert from_environment({"CHECKSTAND_CHECKOUT_PAGE": "off"}).page_folder(own) is None
    assert from_environment({}).page_folder(own) == own
