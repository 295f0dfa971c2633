"""Which servers of others may be called."""

import pytest

from checkstand.domain.destination import check_destination, destination_of, is_public
from checkstand.errors import Invalid

NONE_ALLOWED: frozenset[str] = frozenset()
HERE = "https://hooks.example.com/checkstand"
SETTING = "CHECKSTAND_WEBHOOK_HOSTS"


@pytest.mark.parametrize(
    "url", [HERE, "https://hooks.example.com:443/a?b=c", "https://93.184.216.34/", "https://a.example."]
)
def test_public_hosts_on_the_https_port_are_destinations(url: str) -> None:
    check_destination(url, NONE_ALLOWED, setting=SETTING)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://hooks.example.com:8443/",
        "https://localhost/",
        "https://shop.localhost/",
        "https://printer.local/",
        "https://intranet/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://10.0.0.7/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#here",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.exa mple.com/",
        "https://-hooks.example.com/",
        f"https://{'a' * 64}.example.com/",
        "https://hooks.example.com:99999/",
        "https://[::1/",
        "https:///hooks",
        "ftp://hooks.example.com/",
        "hooks.example.com",
        "https://hooks.example.com/" + "a" * 2048,
    ],
)
def test_nothing_else_is(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_destination(url, NONE_ALLOWED, setting=SETTING)

    assert refusal.value.fields.keys() == {"destination"}


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://localhost:3000/hooks", "localhost"),
        ("http://localhost:3000/hooks", "localhost:3000"),
        ("http://LOCALHOST:3000/hooks", "localhost:3000"),
        ("http://hooks.internal/", "hooks.internal:80"),
        ("https://10.0.0.7:8443/", "10.0.0.7"),
        ("http://[::1]:3000/", "[::1]:3000"),
    ],
)
def test_hosts_the_operator_allowed_may_be_inside_and_without_https(url: str, allowed: str) -> None:
    check_destination(url, frozenset({allowed}), setting=SETTING)


def test_a_host_allowed_with_a_port_is_allowed_with_that_port_only() -> None:
    with pytest.raises(Invalid):
        check_destination("http://localhost:3001/", frozenset({"localhost:3000"}), setting=SETTING)


def test_the_default_port_follows_the_scheme() -> None:
    assert destination_of("https://a.example/").port == 443
    assert destination_of("http://a.example/").port == 80
    assert destination_of("http://a.example:0/").port == 0


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "224.0.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"),
        "name",
    ],
)
def test_others_are_not(address: str) -> None:
    assert not is_public(address)
