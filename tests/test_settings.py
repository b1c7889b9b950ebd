from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from limner.settings import Settings, SettingsError, describe, load, masked

if TYPE_CHECKING:
    from pathlib import Path


def toml(folder: Path, text: str) -> Path:
    file = folder / "limner.toml"
    file.write_text(text, "utf-8")
    return file


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert load({}, tmp_path / "limner.toml") == Settings()


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = toml(tmp_path, 'port = 9000\nhost = "0.0.0.0"\n')
    settings = load({"LIMNER_PORT": "9001", "PORT": "1", "LIMNER_STRANGER": "x"}, file)
    assert (settings.port, settings.host, settings.data) == (9001, "0.0.0.0", "./data")  # noqa: S104 - a value only


def test_values_of_the_environment_get_their_types() -> None:
    settings = load({"LIMNER_SYNC_LIMIT": "2.5", "LIMNER_WORKERS": "3", "LIMNER_DATA": "7"})
    assert (settings.sync_limit, settings.workers, settings.data) == (2.5, 3, "7")


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    file = toml(tmp_path, "port = 9000\n")
    assert load({"LIMNER_PORT": ""}, file).port == 9000


def test_the_file_of_the_working_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml(tmp_path, "workers = 5\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIMNER_WORKERS", raising=False)
    assert load().workers == 5


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LIMNER_PORT": "abc"}, "LIMNER_PORT: Expected `int`"),
        ({"LIMNER_PORT": "65536"}, "LIMNER_PORT: Expected `int` <= 65535"),
        ({"LIMNER_RETENTION": "1"}, "LIMNER_RETENTION: Expected `int` >= 60"),
        ({"LIMNER_SYNC_LIMIT": "0"}, "LIMNER_SYNC_LIMIT: Expected `float` > 0"),
        ({"LIMNER_FREE_CREDITS": "-1"}, "LIMNER_FREE_CREDITS"),
        ({"LIMNER_LOG_LEVEL": "loud"}, "LIMNER_LOG_LEVEL"),
        ({"LIMNER_LINKS": "stores"}, "LIMNER_LINKS"),
    ],
)
def test_a_wrong_value_is_named_as_the_operator_wrote_it(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        load(environ)
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 9000\n", "there is no setting 'prot'; see docs/settings.md"),
        ("port = \n", "is not valid TOML"),
        ("port = [1]\n", "LIMNER_PORT: Expected `int`"),
        ("[port]\nx = 1\n", "LIMNER_PORT"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        load({}, toml(tmp_path, text))
    assert said in str(wrong.value)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "limner.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        load({}, tmp_path / "limner.toml")


def test_every_setting_is_described() -> None:
    told = {name: (kind, default, text) for name, kind, default, text, _ in describe()}
    assert list(told) == list(Settings.__struct_fields__)
    assert all(kind in {"str", "int", "float"} and text.endswith(".") for kind, _, text in told.values())
    assert {name: default for name, (_, default, _) in told.items()} == {
        name: getattr(Settings(), name) for name in Settings.__struct_fields__
    }


def test_secrets_are_masked_and_nothing_else() -> None:
    secret = {name for name, *_, hidden in describe() if hidden}
    assert secret == {"database_url", "storage_url", "secret_key", "smtp_url", "oidc_client_secret", "chat_key"}
    shown = masked(Settings(secret_key="s3cret", database_url="postgresql://u:pw@h/d", port=9000))  # noqa: S106
    assert shown["secret_key"] == shown["database_url"] == "********"  # noqa: S105 - it is hidden
    assert shown["storage_url"] == ""
    assert shown["port"] == "9000"
    assert "s3cret" not in str(shown)
