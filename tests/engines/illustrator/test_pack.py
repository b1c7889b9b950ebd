"""The art pack: what is in it, and what happens when it is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from limner.engines.illustrator.figures.art import extent
from limner.engines.illustrator.pack import ArtPack, ArtPackMissingError

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
    with pytest.raises(ArtPackMissingError, match="pip install"):
        ArtPack.open(tmp_path / "artpack.zip")


def test_a_broken_pack_says_so_too(tmp_path: Path) -> None:
    path = tmp_path / "artpack.zip"
    path.write_bytes(b"not a zip")
    with pytest.raises(ArtPackMissingError, match="not a zip"):
        ArtPack.open(path)


def test_the_lock_names_no_hosts() -> None:
    lock = json.loads((OWN.parent / "package-lock.json").read_text("utf-8"))
    assert "http" not in json.dumps(lock)
    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all(entry["integrity"].startswith("sha512-") for name, entry in lock["packages"].items() if name)
