"""Safetensors files, looked at without a tensor being read.

The format: eight bytes, the length of a header (little-endian); the header, JSON that gives for each tensor its type,
shape and place; the tensors (github.com/huggingface/safetensors, "Format").
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_HEADER = 100_000_000
BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}


class WeightsError(ValueError):
    """A file of weights is damaged or incomplete; the message names it."""


def check(file: Path) -> tuple[set[str], int]:
    """Look whether a file is whole: header and size agree, no tensor overlaps. Gives its tensors' names and its size.

    Raises `WeightsError`.
    """
    size = file.stat().st_size
    with file.open("rb") as source:
        length = int.from_bytes(source.read(8), "little")
        if not 2 <= length <= min(LONGEST_HEADER, size - 8):
            raise WeightsError(f"{file} is no safetensors file, or cut short")
        raw = source.read(length)
    try:
        tensors = {name: tensor for name, tensor in json.loads(raw).items() if name != "__metadata__"}
        end = _end(tensors.values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{file} has no valid safetensors header") from error
    if end != size - 8 - length:
        raise WeightsError(f"{file} is damaged: its header tells of {end + 8 + length:,} bytes, it has {size:,}")
    return set(tensors), size


def _end(tensors: Any) -> int:
    """Give where the last tensor ends. Raises `ValueError` and the like where they do not lie in a row."""
    end = 0
    for begin, after, dtype, shape in sorted((*one["data_offsets"], one["dtype"], one["shape"]) for one in tensors):
        if begin != end or (after - begin) * 8 != math.prod(shape) * BITS.get(dtype, (after - begin) * 8):
            raise ValueError("a tensor does not lie where it should")
        end = after
    return end


def indexed(index: Path) -> int:
    """Check weights in several files by their index; gives their size. Raises `WeightsError`."""
    try:
        weights = json.loads(index.read_text("utf-8"))["weight_map"]
        shards = {shard: {name for name, its in weights.items() if its == shard} for shard in set(weights.values())}
        strange = [shard for shard in shards if "/" in shard or not shard.endswith(".safetensors")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{index} is no index of weights") from error
    if strange:
        raise WeightsError(f"{index} names {strange[0]!r}, which is no safetensors file beside it")
    size = 0
    for shard, names in sorted(shards.items()):
        file = index.parent / shard
        if not file.is_file():
            raise WeightsError(f"{file} is not there, but {index.name} names it")
        there, its = check(file)
        if names - there:
            raise WeightsError(f"{file} lacks the tensor {min(names - there)}")
        size += its
    return size
