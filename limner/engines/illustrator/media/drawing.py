"""Drawing: ink and hatching, pencil on rough paper, and the draughtsman's blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import softened
from limner.engines.illustrator.media.contours import along, edges, flow, grey, outlines, pen, ramp, traced, wobbled
from limner.engines.illustrator.media.grounds import inked, laid, sheet, tooth
from limner.engines.illustrator.pixels import Array, array, blur, fbm, noise, resize
from limner.engines.illustrator.printing.finish import LUMA

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

INK = "#1d1b22"
PRUSSIAN = "#12407f"
GRAPHITE = "#33302f"
CHALK = "#eaf3fb"
BREATH = 0.19
"""How much of its colour a pencil drawing keeps."""
DIRECTIONS = 8
FRAME = 0.022


def ink(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Pen lines and hatching over a pale wash.

    Source: the extended difference of Gaussians of Winnemoeller, Kyprianidis and Olsen, 2012, for the lines; hatching
    that thickens with the tone after Winkenbach and Salesin, "Computer-generated pen-and-ink illustration", 1994.
    """
    height, width = proof.owner.shape
    size = proof.unit
    soft = _opened(wobbled(softened(proof.pixels, 1, 40), size / 420, rng))
    luma = grey(soft)
    lines = np.maximum(pen(luma, max(0.7, size / 760)), 0.8 * ramp(0.30, 0.75, edges(luma)))
    lines = np.maximum(lines, outlines(proof.owner, size / 420) * np.float32(0.9))
    hatching = _hatching(blur(luma, size / 160), proof)
    wash = cv2.convertScaleAbs(cv2.bitwise_not(soft), alpha=0.42)
    image = cv2.multiply(cv2.bitwise_not(wash), sheet(tooth(height, width, rng)), scale=1 / 255)
    return inked(np.asarray(image, np.uint8), np.maximum(lines * np.float32(0.92), hatching), INK)


def _opened(pixels: Pixels) -> Pixels:
    """Bring a dark picture to a middle tone: a pen leaves paper bare at night too, and tells it by hatching."""
    middle = float(np.clip(cv2.mean(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))[0] / 255, 0.02, 0.98))
    gamma = float(np.clip(np.log(0.46) / np.log(middle), 0.42, 1.0))
    return np.asarray(cv2.LUT(pixels, np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)), np.uint8)


def _hatching(luma: Array, proof: Proof) -> Array:
    """Strokes in two directions, thicker and denser where it is darker; on figures they lean with the form."""
    height, width = luma.shape
    pitch = proof.unit / (110 + 50 * proof.detail)
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    bend = luma * np.float32(0.035 * proof.unit)
    covered = np.zeros_like(luma)
    for slope, threshold in ((0.8, 0.46), (-1.1, 0.26)):
        dark = np.clip((threshold - luma) * np.float32(1 / threshold), 0, 1)
        thin = _wave(x + np.float32(slope) * y + bend, pitch) - dark * np.float32(0.9)
        stroke = ramp(0.60, 0.40, thin * np.float32(0.5) + np.float32(0.5)) * np.minimum(dark * 3, np.float32(0.75))
        covered = np.maximum(covered, stroke)
    return array(covered)


def _wave(at: Array, pitch: float) -> Array:
    """Give a sine of 0..1 that comes round every `pitch`, through a table of 256 steps."""
    steps = (at * np.float32(256 / pitch)).astype(np.int32) & 255
    table = (0.5 + 0.5 * np.sin(np.arange(256) * (2 * np.pi / 256))).astype(np.float32)
    return array(cv2.LUT(steps.astype(np.uint8), table))


def pencil(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Graphite with a breath of colour: strokes along the form, broken by the paper's tooth.

    Colours that were asked for are brought back afterwards, as an artist picks them out in crayon.

    Source: Lu, Xu and Jia, "Combining sketch and tone for pencil drawing production", NPAR 2012, for the overshooting
    lines; Mao, Nagasaka and Imamiya, "Automatic generation of pencil drawing from 2D images using LIC", 2001.
    """
    height, width = proof.owner.shape
    half = proof.half()
    luma = grey(half.pixels)
    strokes = resize(_strokes(luma, half, rng), width, height)
    drawn = resize(_sketched(half), width, height, smooth=True)
    grain = tooth(height, width, rng, 260)
    soft = _paled(np.asarray(cv2.GaussianBlur(proof.pixels, (0, 0), max(0.6, proof.unit / 700)), np.uint8))
    darkness = 1 - grey(soft)
    # Pressure: hatching shows in the half tones, closes in the shadows and stays off the lights.
    covered = np.clip(0.50 + 0.42 * darkness + 0.30 * strokes + 0.09 * grain, 0, 0.97)
    covered *= 1 - np.float32(0.75) * ramp(0.12, 0.0, darkness)
    graphite = np.minimum(drawn * (0.95 + 0.16 * grain), 0.85)
    return inked(laid(soft, sheet(grain), covered), array(graphite), GRAPHITE)


def _paled(pixels: Pixels) -> Pixels:
    """Take most of the colour out of a picture, and bring it to the middle tones that graphite has."""
    toned = array(np.eye(3) * BREATH + np.tile(array(LUMA), (3, 1)) * (1 - BREATH))
    return np.asarray(cv2.transform(_opened(pixels), toned), np.uint8)


def _strokes(luma: Array, proof: Proof, rng: np.random.Generator) -> Array:
    """Give the texture of hatching, mean 0, about -1..1: slanted in the place, along the form in figures."""
    height, width = luma.shape
    x, y = flow(blur(luma, proof.unit / 80), max(1.0, proof.unit / 40))
    turned = np.float32(0.74), np.float32(-0.67)
    own = blur(array(proof.figures), proof.unit / 60) * np.float32(0.85)
    sign = np.where(x * turned[0] + y * turned[1] < 0, np.float32(-1), np.float32(1))
    direction = turned[0] + (x * sign - turned[0]) * own, turned[1] + (y * sign - turned[1]) * own
    field = along(noise(height, width, 1.25, 1.25, rng), (array(direction[0]), array(direction[1])), 1.0, 4)
    field -= field.mean()
    return array(np.clip(field / max(1e-3, 2 * float(field.std())), -1, 1))


def _sketched(proof: Proof) -> Array:
    """Give the lines of a sketch, 0..1: contours drawn with straight strokes that run a little over their ends."""
    luma = grey(proof.pixels)
    contour = np.maximum(traced(luma, max(0.7, proof.unit / 640), 16), outlines(proof.owner, 1.2) * np.float32(0.85))
    kernels = [_line(k) for k in range(DIRECTIONS)]
    rounds = max(2, round(proof.unit / 256))
    responses = [_drawn_out(contour, kernel, rounds) for kernel in kernels]
    total = np.zeros_like(contour)
    for k, kernel in enumerate(kernels):
        across = responses[(k + DIRECTIONS // 2) % DIRECTIONS] * np.float32(1.25)
        total += _drawn_out(array(contour * (responses[k] > across)), kernel, rounds)
    return array(np.clip(0.36 * total + 0.75 * contour, 0, 1))


def _drawn_out(lines: Array, kernel: Array, rounds: int) -> Array:
    """Average along a direction so many times, which tapers the ends as a hand does."""
    for _ in range(rounds):
        lines = array(cv2.filter2D(lines, -1, kernel))
    return lines


def _line(k: int) -> Array:
    """Make a kernel of 9 x 9 that averages along one of eight directions; larger ones are disproportionately slow."""
    kernel = np.zeros((9, 9), np.float32)
    angle, middle = np.pi * k / DIRECTIONS, 4
    dx, dy = middle * np.cos(angle), middle * np.sin(angle)
    ends = [(round(middle + side * dx), round(middle + side * dy)) for side in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return array(kernel / kernel.sum())


def blueprint(proof: Proof, rng: np.random.Generator) -> Pixels:
    """White lines on Prussian blue: contours, light hatching, a grid, and the figures' measures.

    Source: Herschel's cyanotype, 1842, for the ground; the line weights of ISO 128 for what is drawn on it.
    """
    height, width = proof.owner.shape
    size = proof.unit
    soft = softened(proof.pixels, 2, 30)
    luma, plain = grey(soft), np.asarray(cv2.cvtColor(soft, cv2.COLOR_RGB2HSV)[..., 1], np.uint8)
    both = np.maximum(traced(luma, max(0.7, size / 700), 34), traced(array(plain) / np.float32(255), size / 700, 18))
    lines = np.clip(both * (0.72 + 0.28 * array(proof.figures)), 0, 1)
    lines = np.maximum(lines, outlines(proof.owner, size / 330))
    paper = blur(fbm(max(2, height // 4), max(2, width // 4), size / 16, 4, rng) - 0.5, 1)
    image = inked(sheet(resize(array(paper * 25), width, height), PRUSSIAN), _grid(height, width, size), CHALK)
    drawn = np.maximum(_shading(luma, proof), lines * np.float32(0.9))
    edge = round(size * FRAME)
    inside = np.zeros_like(drawn)
    inside[edge : height - edge, edge : width - edge] = drawn[edge : height - edge, edge : width - edge]
    return inked(image, np.maximum(inside, _measures(proof)), CHALK)


def _grid(height: int, width: int, size: int) -> Array:
    """Rule fine squares, every fifth line stronger, 0..1."""
    pitch = size / 40
    mask = np.zeros((height, width), np.uint8)
    for k in range(1, int(max(height, width) / pitch) + 1):
        at, tone = round(k * pitch), 52 if k % 5 == 0 else 24
        cv2.line(mask, (at, 0), (at, height), tone, 1)
        cv2.line(mask, (0, at), (width, at), tone, 1)
    return array(mask) * np.float32(1 / 255)


def _shading(luma: Array, proof: Proof) -> Array:
    """Hatch thinly in chalk where light falls on a figure, and hint at the lights of the place."""
    height, width = luma.shape
    pitch = max(3.0, proof.unit / 150)
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    lit = ramp(0.30, 0.95, blur(luma, proof.unit / 200))
    return array((0.12 + 0.30 * ramp(0.5, 0.9, _wave(x + y, pitch))) * lit * (0.42 + 0.58 * array(proof.figures)))


def _measures(proof: Proof) -> Array:
    """Draw a frame, and below and beside each larger figure a line with arrows that tells its breadth and height."""
    height, width = proof.owner.shape
    size = proof.unit
    mask = np.zeros((height, width), np.uint8)
    edge, thick = round(size * FRAME), max(1, round(size / 700))
    cv2.rectangle(mask, (edge, edge), (width - 1 - edge, height - 1 - edge), 190, 2 * thick)
    for number in range(1, min(6, int(proof.owner.max())) + 1):
        x, y, w, h = cv2.boundingRect(np.asarray(proof.owner == number, np.uint8))
        if min(w, h) < size / 9:
            continue
        gap, end = round(size / 45), round(size / 90)
        _measure(
            mask, (x, min(y + h + gap, height - 2 * edge)), (x + w, min(y + h + gap, height - 2 * edge)), end, thick
        )
        right = min(x + w + gap, width - 2 * edge)
        _measure(mask, (right, y), (right, y + h), end, thick)
    return array(cv2.GaussianBlur(mask, (0, 0), 0.6)) * np.float32(1 / 255)


def _measure(mask: Pixels, start: tuple[int, int], stop: tuple[int, int], end: int, thick: int) -> None:
    """Draw one measure: a line with an arrow at both ends and a stroke across each."""
    length = max(1.0, float(np.hypot(stop[0] - start[0], stop[1] - start[1])))
    for a, b in ((start, stop), (stop, start)):
        cv2.arrowedLine(mask, a, b, 200, thick, cv2.LINE_AA, tipLength=end / length)
        across = (end, 0) if start[0] == stop[0] else (0, end)
        cv2.line(mask, (b[0] - across[0], b[1] - across[1]), (b[0] + across[0], b[1] + across[1]), 200, thick)
