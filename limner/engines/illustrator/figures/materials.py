"""Materials: how fur, cloth, stone, paint and the rest take light, and the fine roughness that is seen close by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from limner.engines.illustrator.figures.lighting import KEY, kindly, panes
from limner.engines.illustrator.figures.lit_sphere import LitSphere, directions
from limner.engines.illustrator.pixels import Array, array, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Light

Material = Literal["fur", "skin", "gloss", "stone", "plant", "cloth", "paper", "plain", "enamel", "bodywork"]
Tooth = Literal["felt", "pores", "chisel", "fibre", "none"]

SHOULDER = np.float32(0.80)
TILE = 512
STRENGTH = {"low": 0.0, "standard": 0.6, "hd": 1.0}


@dataclass(frozen=True, slots=True)
class Surface:
    """How a material takes light.

    `depth` is how far it swells (1 = a plump toy), `inner` how deep its own edges are pressed in,
    `relief` how much its lights and darks stand out; `specular` and `gloss` are the strength and the
    exponent of the highlight, `wrap` how far light creeps round (cloth, fur), `hair` and `grain`
    the strength of strands and of a grainy skin, `sheen` of mirrored surroundings; `tooth` is the kind of
    its fine roughness and `bite` how rough.
    """

    depth: float = 0.9
    inner: float = 0.45
    relief: float = 0.6
    specular: float = 0.16
    gloss: float = 22
    wrap: float = 0.3
    hair: float = 0.0
    grain: float = 0.0
    sheen: float = 0.0
    tooth: Tooth = "none"
    bite: float = 0.0


SURFACES: dict[Material, Surface] = {
    "fur": Surface(depth=1.05, inner=0.30, relief=0.5, specular=0.09, gloss=9, wrap=0.4, hair=1.0),
    "skin": Surface(
        depth=1.05, inner=0.32, relief=0.4, specular=0.10, gloss=14, wrap=0.4, grain=0.7, tooth="pores", bite=0.10
    ),
    "gloss": Surface(depth=0.95, inner=0.34, relief=0.35, specular=0.55, gloss=60, wrap=0.2, sheen=0.30),
    "stone": Surface(
        depth=0.42, inner=0.42, relief=0.9, specular=0.04, gloss=10, wrap=0.15, grain=0.55, tooth="chisel", bite=0.16
    ),
    "plant": Surface(
        depth=0.8, inner=0.35, relief=0.7, specular=0.16, gloss=20, wrap=0.35, grain=0.25, tooth="fibre", bite=0.10
    ),
    "cloth": Surface(
        depth=0.8, inner=0.38, relief=0.6, specular=0.05, gloss=9, wrap=0.4, grain=0.35, tooth="felt", bite=0.13
    ),
    "paper": Surface(depth=0.22, inner=0.15, relief=0.2, specular=0.03, gloss=10, wrap=0.3, tooth="fibre", bite=0.05),
    "plain": Surface(tooth="pores", bite=0.05),
    "enamel": Surface(depth=0.34, inner=0.34, relief=0.3, specular=0.35, gloss=40, wrap=0.25, sheen=0.20),
    "bodywork": Surface(depth=0.72, inner=0.42, relief=0.35, specular=0.60, gloss=70, wrap=0.2, sheen=0.34),
}

# What a vocabulary's broad materials do not tell: flat things must not be blown up, and sheet metal is no vinyl.
ENAMELLED = frozenset({
    "stop-sign", "parking-meter", "mobile-phone", "laptop", "television", "desktop-computer", "mantelpiece-clock",
    "playing-card", "credit-card", "calculator", "keyboard", "remote", "refrigerator", "microwave", "oven", "frame",
    "framed-picture", "mirror", "window", "door", "postbox", "closed-mailbox-with-raised-flag", "traffic-light",
    "vertical-traffic-light", "wall-clock", "blackboard", "radio", "cabinet", "bookshelf", "wardrobe", "desk",
})  # fmt: skip
BOARDS = frozenset({"placard"})
BODYWORK = frozenset({
    "automobile", "sport-utility-vehicle", "sports-car", "racing-car", "taxi", "police-car", "bus", "trolleybus",
    "minibus", "delivery-truck", "articulated-lorry", "pickup-truck", "fire-engine", "ambulance", "locomotive", "train",
    "railway-car", "tram-car", "metro", "bullet-train", "high-speed-train", "motorcycle", "motor-scooter", "tractor",
    "airplane", "helicopter", "rocket", "ship", "speedboat", "motor-boat", "ferry", "passenger-ship", "submarine",
    "bicycle", "kick-scooter", "flying-saucer", "spaceship",
})  # fmt: skip


def fitting(art: str, material: Material) -> Material:
    """Tell what a drawing is of, where its broad material is too coarse; a medium's paper stays paper."""
    if material in ("paper", "fur", "skin"):
        return material
    if art in ENAMELLED or art.endswith(("-sign", "-clock", "-book")):
        return "enamel"
    if art in BOARDS or "flag" in art.split("-"):
        return "paper"
    return "bodywork" if art in BODYWORK else material


@lru_cache(maxsize=24)
def lit_sphere(light: Light, surface: Surface) -> LitSphere:
    """Light a ball of a material with a place's light; what it multiplies and adds are sRGB values."""
    nx, ny, nz = directions()
    towards = array(light.direction) / np.float32(np.linalg.norm(light.direction))
    facing = nx * towards[0] + ny * towards[1] + nz * towards[2]
    diffuse = np.clip((facing + surface.wrap) / (1 + surface.wrap), 0, 1)
    sky = (np.float32(0.5) - np.float32(0.5) * ny)[..., None]
    key, up, down = kindly(light)
    factor = down + (up - down) * sky + (KEY * diffuse)[..., None] * key
    # A shoulder as film has, so that white things keep their form in full light.
    factor -= np.maximum(factor - SHOULDER, 0) * np.float32(0.42)
    half = towards + array([0, 0, 1])
    half /= np.float32(np.linalg.norm(half))
    shine = np.clip(nx * half[0] + ny * half[1] + nz * half[2], 0, 1) ** np.float32(surface.gloss)
    added = (shine * np.float32(surface.specular))[..., None] * key
    added += _rim(nx, ny, nz, light)
    if surface.sheen:
        added += _sheen(ny, nz, up, down) * np.float32(surface.sheen)
        added += panes((nx, ny, nz), towards, 0.04)[..., None] * key * np.float32(1.1 * surface.sheen)
    return LitSphere(array(factor), array(added))


def _rim(nx: Array, ny: Array, nz: Array, light: Light) -> Array:
    """Light from behind along the edge that faces it."""
    x, y = float(light.rim_direction[0]), float(light.rim_direction[1])
    edge = np.clip(nx * x + ny * y, 0, 1) * np.clip(1 - nz, 0, 1) ** 2
    return array((1.1 * edge)[..., None] * array(light.rim))


def _sheen(ny: Array, nz: Array, up: Array, down: Array) -> Array:
    """Make a bright sky over a dark ground, mirrored more the more the surface turns away (Schlick, 1994)."""
    turned = smoothstep(0.42, 0.56, 0.5 - 0.9 * ny)[..., None]
    fresnel = (0.06 + 0.94 * np.clip(1 - nz, 0, 1) ** 3)[..., None]
    return array((down * 0.4 + (up * 1.5 - down * 0.4) * turned) * fresnel)


@lru_cache(maxsize=8)
def _tile(tooth: Tooth) -> tuple[Array, Array]:
    """Give the slopes of a material's fine roughness, across and down, as a tile that closes, a texel a pixel."""
    rng = np.random.default_rng(20_002)
    fine, coarse = (_closing(rng, sigma) for sigma in ((0.8, 2.6), (1.0, 4.0), (0.7, 1.6), (0.8, 5.0))[_KINDS[tooth]])
    if tooth == "fibre":
        fine = array(cv2.blur(np.tile(fine, (3, 1)), (1, 9))[TILE : 2 * TILE])
        height = fine / fine.std() + 0.5 * coarse
    elif tooth == "pores":
        height = -2.2 * np.exp(-np.abs(coarse) * 5) + 0.6 * fine
    elif tooth == "chisel":
        height = 0.7 * fine + 2.4 * np.tanh(1.5 * coarse)
    else:
        height = fine + 0.9 * np.abs(coarse)
    across = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) / 2
    down = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) / 2
    return array(across), array(down)


_KINDS: dict[Tooth, int] = {"felt": 2, "pores": 1, "chisel": 3, "fibre": 0, "none": 0}


def _closing(rng: np.random.Generator, sigma: float) -> Array:
    """Give smooth noise of deviation 1 that closes at its edges (TILE, TILE)."""
    edge = 32
    grain = cv2.copyMakeBorder(
        rng.standard_normal((TILE, TILE), dtype=np.float32), edge, edge, edge, edge, cv2.BORDER_WRAP
    )
    soft = array(cv2.GaussianBlur(grain, (0, 0), sigma))[edge:-edge, edge:-edge]
    return array(soft / np.float32(soft.std()))


def roughen(across: Array, down: Array, surface: Surface, quality: str, rng: np.random.Generator) -> None:
    """Tip normals (their x and y, both (H, W), in place) by a material's fine roughness, finer and deeper in hd."""
    row, column = (int(value) for value in rng.integers(0, TILE, 2))
    if not surface.bite * STRENGTH[quality]:
        return
    h, w = across.shape
    rows, columns = np.arange(row, row + h) % TILE, np.arange(column, column + w) % TILE
    # less where it turns away: there the rim's light would make sparks of it
    amount = np.maximum(1 - across * across - down * down, 0) * np.float32(surface.bite * STRENGTH[quality])
    slopes = (slope.take(rows, axis=0).take(columns, axis=1) for slope in _tile(surface.tooth))
    across -= amount * next(slopes)
    down -= amount * next(slopes)
