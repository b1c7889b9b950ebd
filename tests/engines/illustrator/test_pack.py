"""The art pack: what is in it, and what happens when it is not there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from limner.engines.base import Job
from limner.engines.base.processes import Pool
from limner.engines.illustrator.figures.art import extent
from limner.engines.illustrator.pack import PACK, TONES, ArtPack, ArtPackMissingError
from limner.errors import LimnerError

if TYPE_CHECKING:
    from collections.abc import Callable

COLOUR = re.compile(r"#[0-9a-f]{6}\b")
OWN = Path(__file__).parents[3] / "artpack" / "own"


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def test_drawings_are_svg_documents_with_a_view_box(pack: ArtPack) -> None:
    assert len(pack.names) > 2000
    for name in sorted(pack.names)[::40]:
        svg = pack.svg(name)
        assert svg.startswith("<svg ")
        assert 'viewBox="0 0 128 128"' in svg
        assert svg.rstrip().endswith("</svg>")


@pytest.mark.parametrize("path", sorted(OWN.glob("*.svg")), ids=lambda path: path.stem)
def test_our_own_drawings_fill_their_square(pack: ArtPack, path: Path) -> None:
    assert pack.svg(path.stem).split() == path.read_text("utf-8").split()
    ink = extent(pack, path.stem)
    assert max(ink.width, ink.height) > 96
    assert ink.x > -4
    assert ink.y > -4
    assert ink.x + ink.width < 132
    assert ink.y + ink.height < 132


def test_people_come_in_other_tones_of_skin(pack: ArtPack) -> None:
    plain, tinted = pack.svg("boy"), pack.svg("boy-medium-dark-skin-tone")
    assert {f"boy-{tone}-skin-tone" for tone in TONES} <= pack.names
    assert "man-dark-skin-tone-beard" in pack.names
    assert "#ffca28" in plain
    assert "#ffca28" not in tinted
    assert "#a56c43" in tinted
    assert COLOUR.sub("", tinted) == COLOUR.sub("", plain)


def test_what_is_not_skin_keeps_its_colour(pack: ArtPack) -> None:
    plain, tinted = pack.svg("mrs-claus"), pack.svg("mrs-claus-dark-skin-tone")
    gone = set(COLOUR.findall(plain)) - set(COLOUR.findall(tinted))
    # Her skin, hair and eyes are all a shade off the usual ones; her dress and fur are as they were.
    assert gone == {"#3f4040", "#785446", "#e59700", "#e89802", "#ffc927"}


def test_the_pack_is_small_and_brings_its_licences() -> None:
    assert PACK.stat().st_size < 4_000_000
    with zipfile.ZipFile(PACK) as archive:
        licences = archive.read("LICENSES.txt").decode()
    assert "Apache License, Version 2.0" in licences
    assert "SIL OPEN FONT LICENSE" in licences
    assert "Unicode" in licences
    assert all(f"\n{family}\n" in licences for family in set(ArtPack.open().fonts) - {"signs"})


def test_fonts_are_truetype_and_cover_their_scripts(pack: ArtPack) -> None:
    assert {"limelight", "bebas-neue", "noto-sans", "noto-sans-jp", "noto-sans-arabic"} <= set(pack.fonts)
    for family in pack.fonts:
        assert pack.font(family)[:4] == b"\x00\x01\x00\x00"


def test_word_tables_name_only_drawings_of_the_pack(pack: ArtPack) -> None:
    for table in ("english", "emoji", "foreign-de", "foreign-ja"):
        assert set(pack.words(table).values()) <= pack.names
    assert set(pack.words("kinds")) <= pack.names
    assert pack.words("english") is pack.words("english")


def test_what_is_not_there_is_a_key_error(pack: ArtPack) -> None:
    with pytest.raises(KeyError):
        pack.svg("no-such-drawing")
    with pytest.raises(KeyError):
        pack.font("comic-sans")
    with pytest.raises(KeyError):
        pack.words("klingon")


def test_packs_hash_by_identity(pack: ArtPack) -> None:
    other = ArtPack.open()
    assert other != pack
    assert len({pack, other, pack}) == 2


def test_a_missing_pack_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ArtPackMissingError, match=r"artpack.zip.*python -m artpack\.build.*pip install -e \."):
        ArtPack.open(tmp_path / "artpack.zip")


def rewritten(path: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Copy the pack to `path` with its members changed."""
    with zipfile.ZipFile(PACK) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


DAMAGES: dict[str, Callable[[dict[str, bytes]], object]] = {
    "format is 1": lambda members: members.update({"contents.json": b'{"format": 1, "blocks": {}, "tones": []}'}),
    "art-3.xz is missing": lambda members: members.pop("art-3.xz"),
    "contents.json": lambda members: members.pop("contents.json"),
    "Expecting value": lambda members: members.update({"contents.json": b"nonsense"}),
}


@pytest.mark.parametrize("complaint", DAMAGES)
def test_a_pack_of_the_wrong_kind_says_so(tmp_path: Path, complaint: str) -> None:
    path = rewritten(tmp_path / "artpack.zip", DAMAGES[complaint])
    with pytest.raises(ArtPackMissingError, match=rf"{complaint}.*artpack\.build"):
        ArtPack.open(path)


def test_a_broken_pack_says_so(tmp_path: Path) -> None:
    path, whole = tmp_path / "artpack.zip", PACK.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged, complaint in ((b"not a zip", "not a zip"), (whole[:middle], "not a zip"), (flipped, "is damaged")):
        path.write_bytes(damaged)
        with pytest.raises(ArtPackMissingError, match=rf"{complaint}.*artpack\.build"):
            ArtPack.open(path)


async def test_an_installation_without_a_pack_says_so_through_its_workers(tmp_path: Path) -> None:
    shutil.copytree(PACK.parents[2], tmp_path / "limner", ignore=shutil.ignore_patterns("artpack.zip", "__pycache__"))
    start = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from limner.engines.illustrator import worker; worker.main(worker.illustrator)"
    )
    pool = Pool(1, (sys.executable, "-c", start, str(tmp_path)))
    (worker,) = pool.workers
    await worker.start()
    with pytest.raises(LimnerError):
        await pool.run(Job(prompt="a fox", width=64, height=64, seed=1), lambda *_: None)
    await pool.close()
    # What is not a checkout is an installation: there is nothing to build, so it is to be installed anew.
    assert worker.problem is not None
    assert re.search(r"no usable art pack at .*artpack\.zip.*pip install --force-reinstall", worker.problem)


def test_a_server_without_a_pack_does_not_start_and_says_what_to_run(tmp_path: Path) -> None:
    """In a checkout, where the pack is built; `limner doctor` finds the same words."""
    (tmp_path / "artpack").mkdir()
    (tmp_path / "artpack" / "build.py").touch()
    shutil.copytree(PACK.parents[2], tmp_path / "limner", ignore=shutil.ignore_patterns("artpack.zip", "__pycache__"))
    said = r"no usable art pack at .*artpack\.zip .*python -m artpack\.build"

    def told(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "limner", *command],
            env=os.environ | {"PYTHONPATH": str(tmp_path), "LIMNER_DATA": str(tmp_path / "data")},
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    served = told("serve", "--port", "0")
    assert served.returncode != 0
    assert re.search("limner cannot start: " + said, served.stderr)
    assert "Traceback" not in served.stderr
    assert re.search("FAIL +engine illustrator +" + said, told("doctor").stdout)


def test_the_lock_names_no_hosts() -> None:
    lock = json.loads((OWN.parent / "package-lock.json").read_text("utf-8"))
    assert "http" not in json.dumps(lock)
    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all(entry["integrity"].startswith("sha512-") for name, entry in lock["packages"].items() if name)
