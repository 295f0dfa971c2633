from pathlib import Path

import pytest

from checkstand.errors import Invalid
from checkstand.settings import ENVIRONMENT, Settings, from_environment


def test_without_anything_said_the_data_lives_in_the_working_folder() -> None:
    settings = from_environment({})

    assert settings == Settings(
        database="sqlite:///checkstand.db", maximum_body_bytes=1_048_576, public_url=None, log=True, demo=False
    )


def test_the_environment_sets_everything() -> None:
    settings = from_environment(
        {
            "CHECKSTAND_DATABASE": "sqlite:////var/lib/checkstand/shop.db",
            "CHECKSTAND_MAXIMUM_BODY_BYTES": "4096",
            "CHECKSTAND_PUBLIC_URL": "https://shop.example/",
            "CHECKSTAND_LOG": "none",
            "CHECKSTAND_WEBHOOK_HOSTS": "localhost:3000, Hooks.internal,[::1]:8080",
            "CHECKSTAND_PROVIDER_HOSTS": "localhost:9000",
            "CHECKSTAND_CORS_ORIGINS": "http://localhost:3000, https://Shop.example/",
            "CHECKSTAND_ALLOW_DEMO_TOKENS": "on",
            "CHECKSTAND_METRICS": "on",
            "CHECKSTAND_METRICS_PORT": "9100",
            "CHECKSTAND_METRICS_HOST": "10.0.0.1",
            "CHECKSTAND_RATE_LIMIT": "450",
            "CHECKSTAND_SESSION_RATE_LIMIT": "60",
            "CHECKSTAND_REQUEST_SECONDS": "12.5",
            "CHECKSTAND_RECEIVE_SECONDS": "3",
            "CHECKSTAND_IDLE_SECONDS": "75",
            "CHECKSTAND_MAXIMUM_CONNECTIONS": "200",
            "CHECKSTAND_CHECKOUT_PAGE": "off",
            "CHECKSTAND_TLS": "tls",
        }
    )

    assert settings.database == "sqlite:////var/lib/checkstand/shop.db"
    assert settings.maximum_body_bytes == 4096
    assert settings.public_url == "https://shop.example"
    assert settings.log is False
    assert settings.webhook_hosts == {"localhost:3000", "hooks.internal", "[::1]:8080"}
    assert settings.provider_hosts == {"localhost:9000"}
    assert settings.cors_origins == {"http://localhost:3000", "https://shop.example"}
    assert settings.allow_demo_tokens is True
    assert (settings.metrics, settings.metrics_port, settings.metrics_host) == (True, 9100, "10.0.0.1")
    assert (settings.rate_limit, settings.session_rate_limit) == (450, 60)
    assert (settings.request_seconds, settings.receive_seconds, settings.idle_seconds) == (12.5, 3.0, 75.0)
    assert settings.maximum_connections == 200
    assert (settings.checkout_page, settings.tls) == ("off", "tls")


def test_the_command_line_wins_over_the_environment() -> None:
    settings = from_environment(
        {
            "CHECKSTAND_DATABASE": "sqlite:///one.db",
            "CHECKSTAND_ALLOW_DEMO_TOKENS": "off",
            "CHECKSTAND_METRICS_PORT": "9100",
        },
        database="sqlite:///two.db",
        allow_demo_tokens=True,
        metrics_port=0,
        cors_origins=["http://localhost:5173"],
    )

    assert settings.cors_origins == {"http://localhost:5173"}
    assert (settings.database, settings.allow_demo_tokens, settings.metrics_port) == ("sqlite:///two.db", True, 0)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert from_environment(dict.fromkeys(ENVIRONMENT.values(), "")) == from_environment({})


def test_a_demo_alone_has_a_folder_of_its_own() -> None:
    first, second = from_environment({}, demo=True), from_environment({}, demo=True)

    for settings in (first, second):
        folder = Path(settings.temporary_folder)
        assert settings.database == f"sqlite:///{folder}/demo.db"
        folder.rmdir()
    assert first.database != second.database


def test_a_demo_with_a_database_is_kept_there() -> None:
    settings = from_environment({}, database="sqlite:///demo.db", demo=True)

    assert (settings.database, settings.temporary_folder) == ("sqlite:///demo.db", "")


@pytest.mark.parametrize("text", ["ten", "-1", "0", "1023", "1073741825", "2048.0", "²", " 2048"])
def test_a_body_limit_that_is_none_is_refused_by_the_name_of_its_variable(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        from_environment({"CHECKSTAND_MAXIMUM_BODY_BYTES": text})

    assert refusal.value.message == (
        f"CHECKSTAND_MAXIMUM_BODY_BYTES must be a whole number from 1024 to 1073741824, not {text!r}."
    )


@pytest.mark.parametrize("text", ["shop.example", "ftp://shop.example", "https://", "https://shop.example?x=1"])
def test_a_public_url_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"^CHECKSTAND_PUBLIC_URL must be like https://shop\.example, not "):
        from_environment({"CHECKSTAND_PUBLIC_URL": text})


def test_an_unknown_way_to_log_is_refused() -> None:
    with pytest.raises(Invalid, match=r"^CHECKSTAND_LOG must be requests or none, not 'yes'\.$"):
        from_environment({"CHECKSTAND_LOG": "yes"})


@pytest.mark.parametrize("text", ["http://localhost", "localhost/hooks", "a b", "*.example.com"])
def test_hosts_of_webhooks_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"^CHECKSTAND_WEBHOOK_HOSTS must be a comma list like localhost:3000,"):
        from_environment({"CHECKSTAND_WEBHOOK_HOSTS": text})


@pytest.mark.parametrize("text", ["localhost:3000", "*", "http://localhost:3000/page", "ftp://localhost", "null"])
def test_origins_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"^CHECKSTAND_CORS_ORIGINS must be a comma list like http://localhost:3000,"):
        from_environment({"CHECKSTAND_CORS_ORIGINS": text})


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ALLOW_DEMO_TOKENS", "true", "on or off"),
        ("METRICS", "1", "on or off"),
        ("METRICS_PORT", "65536", "a whole number from 0 to 65535"),
        ("RATE_LIMIT", "0", "a whole number from 1 to 1000000"),
        ("RATE_LIMIT", "none", "a whole number from 1 to 1000000"),
        ("SESSION_RATE_LIMIT", "-5", "a whole number from 1 to 1000000"),
        ("REQUEST_SECONDS", "0", "seconds from 0.1 to 3600"),
        ("REQUEST_SECONDS", "30s", "seconds from 0.1 to 3600"),
        ("RECEIVE_SECONDS", "inf", "seconds from 0.1 to 3600"),
        ("IDLE_SECONDS", "3601", "seconds from 0.1 to 3600"),
        ("MAXIMUM_CONNECTIONS", "0", "a whole number from 1 to 100000"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_variable(name: str, text: str, expected: str) -> None:
    with pytest.raises(Invalid) as refusal:
        from_environment({f"CHECKSTAND_{name}": text})

    assert refusal.value.message == f"CHECKSTAND_{name} must be {expected}, not {text!r}."
