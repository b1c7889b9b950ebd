"""How long a picture of a diffusion model takes on this CPU, in limner and in plain diffusers.

    python -m benchmarks.diffusion [--rounds 2] [--size 512] [--patience 60] [--only NAME ...] [--tiny]

The model is SD-Turbo's architecture with random weights (`benchmarks.turbo`): 512x512, one step, no guidance. limner's
engine paints with either backend, by itself and in the type that it picks, from the job to the PNG; beside it the
plain library paints, as its own documentation shows it, in float32 and in bfloat16. All use the same autoencoder; the
tiny decoder is another, of lower quality, so its rows are told apart and count for nothing.

Each round visits one contestant after the other, each in a process of its own that is alone with the memory. A visit
paints twice and takes the second time, or the first if that took longer than `--patience` seconds. What is printed are
medians over the rounds. The exit status is 0 if OpenVINO took at most a sixth of plain float32's time and two thirds of
plain bfloat16's, 1 if not, 2 if it could not be measured. `--tiny` is for trying the script; it has no verdict.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROMPT = "a red fox beside a blue boat, watercolour"
NEEDED = 6_000_000_000
"""Bytes on the disk: the weights in half precision, their conversion, and room to breathe."""
TARGETS = {"plain float32": 6.0, "plain bfloat16": 1.5}
"""How many times faster than these limner on OpenVINO should be."""
OURS = "limner, openvino"
FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
TINY = ", tiny decoder"


class Visit(NamedTuple):
    """What a visit found: seconds to load and make the first picture, for the second, and the memory at most, MB."""

    first: float
    seconds: float
    memory: int


def plain(folder: Path, size: int, dtype: str) -> Callable[[], object]:
    """Make what paints with diffusers alone."""
    import torch  # noqa: PLC0415 - in this contestant's process only
    from diffusers import DiffusionPipeline  # noqa: PLC0415

    pipe = DiffusionPipeline.from_pretrained(folder, torch_dtype=getattr(torch, dtype))
    pipe.set_progress_bar_config(disable=True)
    return lambda: pipe(PROMPT, width=size, height=size, num_inference_steps=1, guidance_scale=0.0).images[0]


async def ours(folder: Path, size: int, backend: str, decoder: str, patience: float) -> Visit:
    """Paint with limner's engine, its process and all."""
    from limner.engines.base import Job, Setup  # noqa: PLC0415
    from limner.engines.diffusion import Diffusion  # noqa: PLC0415

    options = {
        "model": str(folder),
        "backend": backend,
        "decoder": decoder,
        "tiny_decoder": str(folder / "decoder") if decoder == "tiny" else None,
        "steps": {"low": 1, "standard": 1, "hd": 1},
        "guidance": 0.0,
        "preload": True,
    }
    engine = Diffusion(Setup(models={"turbo": options}))
    begun = time.perf_counter()
    await engine.start()
    try:
        while not (health := await engine.check()).ok:
            if "starting" not in health.detail:
                raise SystemExit(health.detail)
        times = [time.perf_counter()]
        while len(times) < 3 and (len(times) < 2 or times[1] - times[0] < patience):
            job = Job(prompt=PROMPT, width=size, height=size, seed=len(times), model="turbo")
            await engine.generate(job, lambda _: None)
            times.append(time.perf_counter())
    finally:
        await engine.close()
    return Visit(
        times[1] - begun, times[-1] - times[-2], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    )


def alone(folder: Path, size: int, dtype: str, patience: float) -> Visit:
    """Paint with diffusers alone."""
    begun = time.perf_counter()
    paint = plain(folder, size, dtype)
    times = [time.perf_counter()]
    while len(times) < 3 and (len(times) < 2 or times[1] - times[0] < patience):
        paint()
        times.append(time.perf_counter())
    return Visit(times[1] - begun, times[-1] - times[-2], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


CONTESTANTS: dict[str, Callable[[Path, int, float], Visit]] = {
    "plain float32": lambda folder, size, patience: alone(folder, size, "float32", patience),
    "plain bfloat16": lambda folder, size, patience: alone(folder, size, "bfloat16", patience),
    "limner, diffusers": lambda folder, size, patience: asyncio.run(ours(folder, size, "diffusers", "full", patience)),
    OURS: lambda folder, size, patience: asyncio.run(ours(folder, size, "openvino", "full", patience)),
    f"limner, diffusers{TINY}": lambda folder, size, patience: asyncio.run(
        ours(folder, size, "diffusers", "tiny", patience)
    ),
    OURS + TINY: lambda folder, size, patience: asyncio.run(ours(folder, size, "openvino", "tiny", patience)),
}


def visit(name: str, folder: Path, size: int, patience: float) -> Visit:
    """Visit one contestant in a process of its own, for at most ten times the patience."""
    command = [sys.executable, "-m", "benchmarks.diffusion", "--visit", name, str(folder)]
    done = subprocess.run(
        [*command, "--size", str(size), "--patience", str(patience)],
        check=True,
        capture_output=True,
        text=True,
        timeout=10 * patience,
    )
    return Visit(*json.loads(done.stdout.splitlines()[-1]))


def built(folder: Path, *, tiny: bool) -> None:
    """Build the model."""
    command = [sys.executable, "-m", "benchmarks.turbo", str(folder), *(["--tiny"] if tiny else [])]
    subprocess.run(command, check=True, capture_output=True)


def converted(folder: Path, names: Sequence[str]) -> float:
    """Convert the model for OpenVINO, if anyone wants that; the seconds it took."""
    from limner.engines.diffusion.folders import checked  # noqa: PLC0415
    from limner.engines.diffusion.openvino_folders import networks, tiny_decoder  # noqa: PLC0415

    begun = time.perf_counter()
    if any(name.startswith(OURS) for name in names):
        made = networks(checked(folder))
        if OURS + TINY in names:
            tiny_decoder(made, folder / "decoder")
    return time.perf_counter() - begun


def machine() -> str:
    """Say what this CPU is and which of the abilities that matter it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines()
    except OSError:
        lines = []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    has = set(told.get("flags", "").split())
    able = ", ".join(flag if flag in has else f"no {flag}" for flag in FLAGS)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{told.get('model name', 'a CPU')}, {len(os.sched_getaffinity(0))} cores ({able}); load averages {load}"


def report(found: dict[str, list[Visit]], *, tiny: bool) -> int:
    """Print the table and the verdict; the exit status."""
    middle = {name: median(one.seconds for one in visits) for name, visits in found.items() if visits}
    base = middle.get("plain float32", float("nan"))
    print("| | seconds a picture | of plain float32's pace | from nothing to the first | memory |")
    print("| --- | --- | --- | --- | --- |")
    for name, seconds in middle.items():
        first, memory = (median(getattr(one, what) for one in found[name]) for what in ("first", "memory"))
        print(f"| {name} | {seconds:.2f} | {base / seconds:.2f}x | {first:.1f} s | {memory:,.0f} MB |")
    if tiny:
        print("\nA tiny model has no verdict.")
        return 0 if len(middle) == len(found) else 2
    if OURS not in middle or not TARGETS.keys() <= middle.keys():
        print("\nNot measured to the end.")
        return 2
    reached = {name: middle[name] / middle[OURS] for name in TARGETS}
    for name, times in reached.items():
        verdict = "reached" if times >= TARGETS[name] else "NOT reached on this CPU"
        print(f"- {OURS}: {times:.2f} times as fast as {name}; {TARGETS[name]} wanted: {verdict}.")
    return 0 if all(times >= TARGETS[name] for name, times in reached.items()) else 1


def measure(options: argparse.Namespace, folder: Path) -> int:
    """Build, convert, and go the rounds."""
    print(f"{machine()}\n{'Tiny' if options.tiny else 'SD-Turbo'}, {options.size}x{options.size}, 1 step, guidance 0.")
    built(folder / "turbo", tiny=options.tiny)
    print(f"Converted for OpenVINO in {converted(folder / 'turbo', options.only):.0f} s.", flush=True)
    found: dict[str, list[Visit]] = {name: [] for name in options.only}
    for round_ in range(options.rounds):
        for name, visits in found.items():
            try:
                visits.append(visit(name, folder / "turbo", options.size, options.patience))
            except subprocess.TimeoutExpired:
                print(f"{name} was given up after {10 * options.patience:.0f} s")
            except subprocess.CalledProcessError as error:
                print(f"{name} failed: {(error.stderr.strip() or 'it was killed').splitlines()[-1]}")
            else:
                print(f"round {round_ + 1}, {name}: {visits[-1].seconds:.2f} s", file=sys.stderr, flush=True)
    return report(found, tiny=options.tiny)


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--patience", type=float, default=60.0)
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS), metavar="NAME")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--visit", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.visit:
        name, folder = options.visit
        print(json.dumps(CONTESTANTS[name](Path(folder), options.size, options.patience)))
        return 0
    place = Path(tempfile.mkdtemp(prefix="limner-diffusion-"))
    try:
        free = shutil.disk_usage(place).free
        if free < NEEDED and not options.tiny:
            print(f"{NEEDED / 1e9:.0f} GB are needed in {place.parent}, {free / 1e9:.1f} are free")
            return 2
        return measure(options, place)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    sys.exit(main())
