"""The command line as a person meets it: words in, lines and an exit status out, and never a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from limner import __version__, cli
from limner.credentials import SCOPES
from limner.keys import ACCOUNT_TOKEN, CREDENTIAL, parse
from tests.databases import DIALECTS, migrated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str


class Limner:
    """Runs commands in this process, through the same door as the program."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: str) -> Said:
        self._monkeypatch.setattr(sys, "argv", ["limner", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self._capsys.readouterr()
        # the interpreter prints a message given to `sys.exit` and ends with 1
        code = ended.value.code
        return Said(1, out, err + code) if isinstance(code, str) else Said(code or 0, out, err)


@pytest.fixture
def limner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Limner:
    """The command line in a folder of its own, on the default database."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LIMNER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    return Limner(monkeypatch, capsys)


@pytest.fixture(params=DIALECTS)
def on_both(
    request: pytest.FixtureRequest, limner: Limner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Limner]:
    """The command line on either database."""
    with migrated(request.param, tmp_path) as url:
        monkeypatch.setenv("LIMNER_DATABASE_URL", url)
        yield limner


def program(*words: str, **more: str) -> subprocess.Popen[str]:
    """Start `limner WORDS`, which can be interrupted even where the tests, in a script's background, cannot."""
    return subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-m", "limner", *words],
        env=os.environ | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_words_it_helps(limner: Limner) -> None:
    without, asked = limner(), limner("--help")
    for command in ("serve", "draw", "credential", "account", "migrate", "models", "doctor"):
        assert command in asked.out
        assert command in without.out + without.err


def test_it_says_its_version(limner: Limner) -> None:
    assert limner("--version") == Said(0, f"limner {__version__}\n", "")


def test_help_needs_neither_database_nor_server() -> None:
    heavy = "('sqlalchemy', 'uvicorn', 'starlette', 'numpy', 'obstore', 'prometheus_client')"
    code = f"import sys, limner.cli; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_unknown_command_is_told(limner: Limner) -> None:
    said = limner("paint")
    assert said.status == 2
    assert "paint" in said.err


def test_a_credential_from_creation_to_its_end(on_both: Limner) -> None:
    made = on_both(
        "credential", "create", "--account", "acme", "--name", "shop", "--scope", "images.generate, tasks.read"
    )
    key = made.out.strip()
    assert parse(key, CREDENTIAL)
    assert re.search(r"credential [0-9a-f-]{36} of acme; keep the key", made.err)
    listed = on_both("credential", "list")
    assert key not in listed.out
    assert re.search(rf"acme +shop +lim_…{key[-4:]} +images.generate tasks.read +active", listed.out)
    rotated = on_both("credential", "rotate", key, "--overlap", "2")
    assert parse(rotated.out.strip(), CREDENTIAL)
    assert "the old key works for 2 h more" in rotated.err
    assert "until rotated out" in on_both("credential", "list").out
    assert on_both("credential", "revoke", key) == Said(0, "revoked\n", "")
    assert "revoked" in on_both("credential", "list").out
    again = on_both("credential", "rotate", key)
    assert (again.status, again.out) == (1, "")
    assert "it was revoked" in again.err


def test_a_credential_has_all_scopes_unless_told_otherwise(limner: Limner) -> None:
    assert limner("credential", "create", "--expires", "3", "--images-per-minute", "5").status == 0
    listed = limner("credential", "list").out
    assert re.search(rf"development +default +lim_….{{4}} +{' '.join(SCOPES)} +active", listed)


@pytest.mark.parametrize("scope", ["images.paint", " , "])
def test_a_scope_there_is_not_is_told(limner: Limner, scope: str) -> None:
    said = limner("credential", "create", "--scope", scope)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("limner: There is no scope")
    assert "images.generate" in said.err


@pytest.mark.parametrize("words", [("--expires", "0"), ("--images-per-minute", "0"), ("--expires", "soon")])
def test_numbers_out_of_bounds_are_refused(limner: Limner, words: tuple[str, ...]) -> None:
    assert limner("credential", "create", *words).status == 2


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_a_credential_there_is_not(limner: Limner, command: str) -> None:
    assert limner("credential", command, "nothing") == Said(1, "", "limner: there is no such credential")


def test_an_account_from_its_grant_to_its_end(on_both: Limner) -> None:
    on_both("credential", "create", "--account", "acme")
    assert re.search(r"acme +5\.000000 +active", on_both("account", "list").out)
    assert on_both("account", "grant", "acme", "2.5") == Said(0, "acme has 7.500000 credits\n", "")
    assert on_both("account", "disable", "acme") == Said(0, "done\n", "")
    assert re.search(r"acme +7\.500000 +disabled", on_both("account", "list").out)
    assert on_both("account", "enable", "acme").status == 0
    assert re.search(r"acme +7\.500000 +active", on_both("account", "list").out)
    doctor = on_both("doctor")
    assert "every balance is the sum of its ledger" in doctor.out


def test_the_secret_of_callbacks_stays_until_it_is_rotated(on_both: Limner) -> None:
    on_both("credential", "create", "--account", "acme")
    first = on_both("account", "secret", "acme")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=\n", first.out)
    assert on_both("account", "secret", "acme") == first
    second = on_both("account", "secret", "acme", "--rotate", "--overlap", "1")
    assert second.out != first.out
    assert on_both("account", "secret", "acme") == second


def test_an_account_can_be_put_before_others(on_both: Limner) -> None:
    on_both("credential", "create", "--account", "acme")
    assert on_both("account", "priority", "acme", "3") == Said(0, "done\n", "")
    assert on_both("account", "priority", "acme", "4").status == 2


def test_an_account_gets_a_token_for_its_programs(on_both: Limner) -> None:
    on_both("credential", "create", "--account", "acme")
    made = on_both("account", "token", "acme", "--name", "ci", "--expires", "30")
    assert parse(made.out.strip(), ACCOUNT_TOKEN)
    assert re.fullmatch(r"account token \S+ of acme; keep the key, it is not shown again\n", made.err)
    assert on_both("account", "token", "nobody") == Said(1, "", "limner: there is no account 'nobody'")


def test_a_worker_needs_a_database_to_share(limner: Limner) -> None:
    assert "LIMNER_DATABASE_URL=postgresql://" in limner("worker", "--models", "dall-e-3", "--slots", "2").err


def test_a_second_credential_brings_no_second_grant(limner: Limner) -> None:
    limner("credential", "create", "--account", "acme")
    limner("credential", "create", "--account", "acme")
    assert re.search(r"acme +5\.000000", limner("account", "list").out)


@pytest.mark.parametrize(
    "words", [("grant", "nobody", "1"), ("disable", "nobody"), ("priority", "nobody", "1"), ("secret", "nobody")]
)
def test_an_account_there_is_not(limner: Limner, words: tuple[str, ...]) -> None:
    assert limner("account", *words) == Said(1, "", "limner: there is no account 'nobody'")


@pytest.mark.parametrize("amount", ["1e12", "much", "nan"])
def test_a_grant_must_be_an_amount(limner: Limner, amount: str) -> None:
    limner("credential", "create", "--account", "acme")
    assert limner("account", "grant", "acme", amount).status in {1, 2}
    assert re.search(r"acme +5\.000000", limner("account", "list").out)


def test_migrate_brings_the_newest_schema_and_may_be_repeated(limner: Limner, tmp_path: Path) -> None:
    for _ in range(2):
        assert limner("migrate") == Said(0, "the database is at the newest schema\n", "")
    assert (tmp_path / "data/limner.db").is_file()


def test_models_lists_the_catalogue_in_effect(limner: Limner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.toml").write_text('[models.ours]\nengine = "sandbox"\n[models.dall-e-2]\nenabled = false\n')
    monkeypatch.setenv("LIMNER_MODELS", "own.toml")
    said = limner("models")
    assert re.search(r"dall-e-3 +illustrator +1024x1024 +0\.04 +default", said.out)
    assert re.search(r"ours +sandbox +256x256 +0\.00\n", said.out)
    assert "dall-e-2" not in said.out


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LIMNER_PORT": "high"}, "limner: LIMNER_PORT: Expected `int`, got `str`"),
        ({"LIMNER_DATABASE_URL": "mysql://h/d"}, "limner: not a database URL: 'mysql'"),
        ({"LIMNER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "limner: connection failed"),
        ({"LIMNER_DATABASE_URL": "sqlite:////proc/limner.db"}, "limner: unable to open database file"),
        ({"LIMNER_DATA": "/proc/limner"}, "limner: /proc/limner: "),
        ({"LIMNER_DATA": "file"}, "file: File exists"),
    ],
)
def test_what_the_operator_can_mend_is_said_in_a_line(
    limner: Limner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    (tmp_path / "file").touch()
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ended = limner("account", "list")
    assert ended.status == 1
    assert said in ended.err


def test_a_newer_database_is_left_alone(limner: Limner, tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415 - only here

    limner("migrate")
    with sqlite3.connect(tmp_path / "data/limner.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "install a newer limner" in limner("account", "list").err
    assert re.search(r"FAIL +database .*9999", limner("doctor").out)


def test_our_own_mistakes_keep_their_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not cli._mendable(KeyError("x"))
    assert cli._mendable(PermissionError("x"))
    monkeypatch.setattr(sys, "argv", ["limner", "migrate"])
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(AttributeError):
        cli.main()


def test_a_taken_port_is_told_at_once(limner: Limner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = limner("serve", "--port", str(port))
    assert said.status == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another with PORT=..." in said.err


def test_draw_writes_the_picture_and_says_so(limner: Limner, tmp_path: Path) -> None:
    said = limner("draw", "a red apple on a wooden table", "--size", "96x64", "--seed", "3", "--quality", "low")
    assert said.status == 0
    assert re.match(r"limner\.png: 96x64, \d+ KiB, seed 3\nA red apple", said.out)
    assert said.err == ""
    assert (tmp_path / "limner.png").read_bytes().startswith(b"\x89PNG")


def test_draw_prints_the_scene_as_json(limner: Limner, tmp_path: Path) -> None:
    words = ('two yellow ducks and a sign that says "POND"', "--size", "128x96", "--seed", "1", "--quality", "low")
    said = limner("draw", *words, "--json")
    scene = json.loads(said.out)
    assert list(scene) == ["prompt", "revised_prompt", "size", "setting", "subjects", "text"]
    assert (scene["prompt"], scene["size"], scene["text"]) == (words[0], [128, 96], ["POND"])
    ducks = [subject for subject in scene["subjects"] if subject["name"] == "duck"]
    assert [(duck["count"], duck["colour"]) for duck in ducks] == [(1, "yellow")] * 2
    for x0, y0, x1, y1 in (duck["box"] for duck in ducks):
        assert 0 <= x0 < x1 <= 128
        assert 0 <= y0 < y1 <= 96
    assert not (tmp_path / "limner.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("  ",), "The prompt is empty"),
        (("x", "--size", "big"), "'big' is no size"),
        (("x", "--quality", "best"), "it takes standard, hd, low"),
        (("x", "-o", "x.gif"), "'x.gif' names no format: end it in .png, .jpg, .jpeg, .webp."),
        (("x", "-o", "no/x.png"), "there is no folder 'no'"),
        (("x", "--size", "64x64", "-o", "/proc/x.png"), "limner: /proc/x.png: "),
    ],
)
def test_draw_says_what_would_be_right(limner: Limner, words: tuple[str, ...], said: str) -> None:
    ended = limner("draw", *words)
    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err


def test_a_terminal_sees_how_far_the_picture_is(tmp_path: Path) -> None:
    import pty  # noqa: PLC0415 - not everywhere

    seen, terminal = pty.openpty()
    drawing = subprocess.run(
        [
            sys.executable,
            "-m",
            "limner",
            "draw",
            "a cat",
            "--size",
            "64x64",
            "--quality",
            "low",
            "-o",
            str(tmp_path / "a.webp"),
        ],
        env=os.environ | {"TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=terminal,
        check=True,
    )
    os.close(terminal)
    assert b"\x1b[" in os.read(seen, 65536)
    assert b"\x1b[" not in drawing.stdout
    assert (tmp_path / "a.webp").read_bytes()[8:12] == b"WEBP"


def test_an_interrupted_drawing_leaves_nothing(tmp_path: Path) -> None:
    drawing = program("draw", "a cat", "--size", "3840x2160", "--quality", "hd", "-o", str(tmp_path / "a.png"))
    descends = f"/proc/{drawing.pid}/task/{drawing.pid}/children"
    while not (worker := open(descends, encoding="ascii").read().split()) and drawing.poll() is None:  # noqa: PTH123, SIM115
        pass
    drawing.send_signal(signal.SIGINT)
    out, err = drawing.communicate(timeout=60)
    assert drawing.returncode != 0
    assert "Traceback" not in err
    assert out == ""
    assert not (tmp_path / "a.png").exists()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in worker)  # noqa: PTH110 - a process, not a file


def test_serve_announces_itself_and_the_first_call_works(tmp_path: Path) -> None:
    environ = {"LIMNER_DATA": str(tmp_path), "LIMNER_WORKERS": "1", "LIMNER_LOG_LEVEL": "error"}
    serving = program("serve", "--host", "127.0.0.1", "--port", "0", **environ)
    assert serving.stdout is not None
    try:
        told = ""
        while "curl" not in told and (line := serving.stdout.readline()):
            told += line
        base = re.search(r"API base +(http://127\.0\.0\.1:\d+)/v1", told)
        key = re.search(r"credential +(lim_\w+)", told)
        assert base
        assert key
        assert f"-H 'Authorization: Bearer {key[1]}'" in told
        assert f"data        {tmp_path}" in told
        asked = urllib.request.Request(f"{base[1]}/v1/models", headers={"Authorization": f"Bearer {key[1]}"})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own server
            assert any(model["id"] == "dall-e-3" for model in json.load(answer)["data"])
        beside = program("doctor", **environ)
        out, _ = beside.communicate(timeout=60)
        assert beside.returncode == 0
        assert f"served by process {serving.pid}" in out
        second = program("serve", "--port", "0", **environ)
        _, err = second.communicate(timeout=60)
        assert second.returncode != 0
        assert f"(pid {serving.pid})" in err
    finally:
        serving.send_signal(signal.SIGINT)
        _, err = serving.communicate(timeout=60)
    assert "Traceback" not in err
    assert "credential" not in announced_again(environ)


def announced_again(environ: dict[str, str]) -> str:
    """What a later start says before its first empty line after the data folder."""
    serving = program("serve", "--port", "0", **environ)
    told = ""
    while "data  " not in told and serving.stdout is not None and (line := serving.stdout.readline()):
        told += line
    serving.send_signal(signal.SIGINT)
    out, _ = serving.communicate(timeout=60)
    assert "is ready" in told
    return told + out
