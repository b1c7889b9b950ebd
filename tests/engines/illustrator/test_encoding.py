from __future__ import annotations

import cv2
import numpy as np
import pytest

from limner.engines.illustrator.printing.encoding import Format, encode, flattened

PICTURE = np.random.default_rng(5).integers(0, 256, (24, 40, 3), dtype=np.uint8)
CLEAR = np.dstack([PICTURE, np.repeat(np.linspace(0, 255, 40).astype(np.uint8)[None], 24, axis=0)])


def decoded(data: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGB)


def test_png_keeps_every_bit() -> None:
    assert encode(PICTURE, "png").startswith(b"\x89PNG")
    assert (decoded(encode(PICTURE, "png", 3)) == PICTURE).all()
    assert (decoded(encode(CLEAR, "png")) == CLEAR).all()


@pytest.mark.parametrize(("format_", "magic"), [("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")])
def test_lossy_files_shrink_with_their_quality(format_: Format, magic: bytes) -> None:
    best, worst = encode(PICTURE, format_, 100), encode(PICTURE, format_, 0)
    assert best.startswith(magic)
    assert len(worst) < len(best) * 0.7
    assert decoded(best).shape == PICTURE.shape


@pytest.mark.parametrize("format_", ["jpeg", "webp"])
def test_sizes_fall_with_the_quality_all_the_way(format_: Format) -> None:
    y, x = np.mgrid[0:96, 0:128].astype(np.float32)
    waves = np.sin(x / 9)[..., None] * np.cos(y / 7)[..., None] * (60, 40, 50) + 128
    picture = np.clip(waves + np.random.default_rng(2).normal(0, 6, (96, 128, 3)), 0, 255).astype(np.uint8)
    sizes = [len(encode(picture, format_, quality)) for quality in range(0, 101, 10)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 4 * sizes[0]


def test_webp_keeps_alpha_and_jpeg_lies_on_white() -> None:
    assert abs(decoded(encode(CLEAR, "webp", 90))[..., 3].astype(int) - CLEAR[..., 3]).max() <= 2
    assert decoded(encode(CLEAR, "jpeg", 100)).shape == (24, 40, 3)
    assert (flattened(CLEAR)[:, 0] == 255).all()
    assert (flattened(CLEAR)[:, -1] == PICTURE[:, -1]).all()
    assert flattened(PICTURE) is PICTURE


@pytest.mark.parametrize("quality", [-1, 101])
def test_a_quality_out_of_range_is_refused(quality: int) -> None:
    with pytest.raises(ValueError, match="compression"):
        encode(PICTURE, "jpeg", quality)


def test_other_formats_and_impossible_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown format"):
        encode(PICTURE, "gif")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="encod"):
        encode(np.zeros((20_000, 1, 3), np.uint8), "webp")
    with pytest.raises(ValueError, match="cannot encode"):
        encode(np.zeros((70_000, 1, 3), np.uint8), "jpeg")
