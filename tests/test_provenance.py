"""What is written into pictures: XMP that Pillow reads, C2PA credentials that c2pa reads, and the same pixels."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from limner import xmp
from limner.provenance import Provenance

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
_TOOL = "{http://ns.adobe.com/xap/1.0/}CreatorTool"


def encoded(kind: str, mode: str = "RGB", **more: Any) -> bytes:
    picture = Image.effect_noise((63, 41), 90).convert(mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def told(data: bytes) -> dict[str, str]:
    """Read the packet as a viewer of metadata does."""
    info = opened(data).info
    packet = info.get("xmp") or info["XML:com.adobe.xmp"]
    text = packet.decode() if isinstance(packet, bytes) else packet
    (found,) = ET.fromstring(text.strip()).iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")  # noqa: S314
    return dict(found.attrib)


@pytest.mark.parametrize(
    ("kind", "mode", "more"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("JPEG", "RGB", {}),
        ("WEBP", "RGB", {"quality": 80}),
        ("WEBP", "RGBA", {"quality": 80}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"lossless": True}),
    ],
)
async def test_pictures_say_that_an_algorithm_made_them(kind: str, mode: str, more: dict[str, Any]) -> None:
    before = encoded(kind, mode, **more)
    after = await Provenance().mark(before, TYPES[kind], "trainedAlgorithmicMedia", 'an "engine" <1>\0')
    said = told(after)
    assert said[_IPTC] == SOURCE
    assert said[_TOOL].endswith(', an "engine" <1>')
    assert opened(after).mode == opened(before).mode
    assert opened(after).tobytes() == opened(before).tobytes()
    assert len(after) - len(before) < 700


def test_a_jpeg_without_jfif_is_marked_at_its_beginning() -> None:
    whole = encoded("JPEG")
    bare = whole[:2] + whole[4 + int.from_bytes(whole[4:6], "big") :]
    marked = xmp.embedded(bare, "image/jpeg", xmp.packet(SOURCE, "limner"))
    assert marked[2:4] == b"\xff\xe1"
    assert told(marked)[_IPTC] == SOURCE


@pytest.mark.parametrize("content_type", [*TYPES.values(), "image/gif"])
def test_what_is_no_picture_is_refused(content_type: str) -> None:
    with pytest.raises(ValueError, match="no "):
        xmp.embedded(b"GIF89a", content_type, b"")


async def test_marks_can_be_switched_off() -> None:
    assert await Provenance(marks=False).mark(b"as it was", "image/png", "algorithmicMedia", "x") == b"as it was"
    assert await Provenance().check() == ""


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA", "Ed25519"])
async def test_credentials_are_read_back(kind: str, tmp_path: Path) -> None:
    c2pa: Any = pytest.importorskip("c2pa")
    pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 - may be missing

    from tests.certificates import issue  # noqa: PLC0415

    makers: dict[str, Any] = {
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    provenance = Provenance(True, *issue(tmp_path, makers[kind]()))  # noqa: FBT003
    assert "C2PA credentials" in await provenance.check()
    for name, content_type in TYPES.items():
        before = encoded(name)
        after = await provenance.mark(before, content_type, "trainedAlgorithmicMedia", "tiny diffusion")
        assert opened(after).tobytes() == opened(before).tobytes()
        assert told(after)[_IPTC] == SOURCE
        with c2pa.Reader(content_type, io.BytesIO(after)) as reader:
            manifest = reader.get_active_manifest()
            # the chain leads to nobody whom the library knows, which is the only fault it may find
            problems = reader.get_validation_results()["activeManifest"]["failure"]
        assert [problem["code"] for problem in problems] == ["signingCredential.untrusted"]
        (action,) = manifest["assertions"][0]["data"]["actions"]
        assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", SOURCE)
        assert action["softwareAgent"]["name"] == manifest["claim_generator_info"][0]["name"] == "limner"
        assert "thumbnail" not in manifest


async def test_a_certificate_that_cannot_sign_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("c2pa")
    pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    from tests.certificates import issue  # noqa: PLC0415

    chain, key = issue(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "text").write_text("no key")
    (tmp_path / "empty.pem").write_text("-----BEGIN NOTHING-----\n-----END NOTHING-----\n")
    (tmp_path / "other").mkdir()
    _, other = issue(tmp_path / "other", ec.generate_private_key(ec.SECP256R1()))
    for given, said in {
        (chain, other): "LIMNER_C2PA_CERTIFICATE: nothing can be signed with it",
        (chain, ""): "go together",
        (chain, str(tmp_path / "none")): "LIMNER_C2PA_KEY: .*none: No such file",
        (chain, str(tmp_path / "text")): "LIMNER_C2PA_KEY: .*text is no PEM file",
        (chain, chain): "LIMNER_C2PA_KEY: it must be a private key",
        (str(tmp_path / "empty.pem"), key): "LIMNER_C2PA_CERTIFICATE: nothing can be signed with it",
    }.items():
        with pytest.raises(ValueError, match=said):
            Provenance(True, *given)  # noqa: FBT003
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(ValueError, match=r"pip install 'limner\[c2pa\]'"):
        Provenance(True, chain, key)  # noqa: FBT003
