from pathlib import Path

import pytest

from checkstand.errors import Invalid
from checkstand.settings import Settings, from_environment


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
        }
    )

    assert settings.database == "sqlite:////var/lib/checkstand/shop.db"
    assert settings.maximum_body_bytes == 4096
    assert settings.public_url == "https://shop.example"
    assert settings.log is False
    assert settings.webhook_hosts == {"localhost:3000", "hooks.internal", "[::1]:8080"}


def test_the_command_line_wins_over_the_environment() -> None:
    settings = from_environment({"CHECKSTAND_DATABASE": "sqlite:///one.db"}, database="sqlite:///two.db")

    assert settings.database == "sqlite:///two.db"


def test_an_empty_variable_counts_as_not_set() -> None:
    names = ("DATABASE", "MAXIMUM_BODY_BYTES", "PUBLIC_URL", "LOG", "WEBHOOK_HOSTS")

    assert from_environment({f"CHECKSTAND_{name}": "" for name in names}) == from_environment({})


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
