"""Where the networks for OpenVINO come from: the folder itself, or a conversion of it that is kept beside it.

A folder in the diffusers layout is converted once, in a process of its own that needs the diffusers extra; what comes
of it lies in `<folder>.openvino/<fingerprint>` from then on, and another fingerprint replaces it. It appears there
whole or not at all, and of several processes that want it one converts and the others wait.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from limner.engines.diffusion.backend import BackendError
from limner.engines.diffusion.folders import fingerprint
from limner.engines.diffusion.openvino_conversion import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.engines.diffusion.folders import Folder

FORM = "1"
"""Part of every fingerprint: another number converts everything anew."""
NEEDED = ("torch", "diffusers", "transformers", "openvino_genai", "openvino_tokenizers")
CONVERTED = ".openvino"


def networks(folder: Folder) -> Path:
    """Give the folder with a model's networks for OpenVINO, converted now if need be. Raises `BackendError`."""
    if folder.converted:
        return folder.path
    if folder.pipeline not in FAMILIES:
        raise BackendError(
            f'{folder.path}: a {folder.pipeline} is not converted here; use backend = "diffusers", '
            f"or a folder that is converted already"
        )
    return _kept(folder.path, f"{fingerprint(folder)}-{FORM}", "model", str(folder.path))


def tiny_decoder(model: Path, decoder: Path) -> Path:
    """Give the network of a tiny decoder (in diffusers' layout) that fits a model's. Raises `BackendError`."""
    full = model / "vae_decoder" / "config.json"
    digest = sha256(full.read_bytes())
    for file in sorted([*decoder.glob("*.safetensors"), *decoder.glob("*.json")]):
        digest.update(file.read_bytes())
    return _kept(decoder, f"{digest.hexdigest()[:12]}-{FORM}", "decoder", str(decoder), str(full))


@contextmanager
def mixed(model: Path, decoder: Path) -> Iterator[Path]:
    """Give a folder as `model`, with another network as its decoder. It is made of links, and gone afterwards."""
    with TemporaryDirectory(prefix="limner-openvino-") as folder:
        for part in model.iterdir():
            (Path(folder) / part.name).symlink_to((decoder if part.name == "vae_decoder" else part).resolve())
        yield Path(folder)


def _kept(source: Path, name: str, *what: str) -> Path:
    """Give a conversion of a folder that is kept beside it, made now if it is not there. Raises `BackendError`."""
    place = source.with_name(source.name + CONVERTED)
    if not (place / name).is_dir():
        try:
            place.mkdir(exist_ok=True)
            with (place / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not (place / name).is_dir():
                    _made(place, name, lock.fileno(), *what)
        except OSError as error:
            raise BackendError(f"{source} cannot be converted: {place} is not writable ({error.strerror})") from error
    return place / name


def _made(place: Path, name: str, lock: int, *what: str) -> None:
    """Convert, and take away what earlier conversions left; the lock outlives us in the process that converts."""
    if lacking := [package for package in NEEDED if find_spec(package) is None]:
        raise BackendError(
            f"converting for OpenVINO needs {', '.join(lacking)}, once: pip install 'limner[diffusers,openvino]', "
            f"or bring a folder that is converted already"
        )
    for old in place.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    kind, source, *more = what
    target = str(place / name)
    command = [sys.executable, "-m", "limner.engines.diffusion.openvino_conversion", kind, source, target, *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, pass_fds=(lock,))  # noqa: S603 - ours
    if done.returncode != 0:
        raise BackendError(f"{source} cannot be converted for OpenVINO: {_last_line(done.stderr, done.returncode)}")


def _last_line(told: str, status: int) -> str:
    lines = [line for line in told.splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines and status > 0 else f"the process ended with {status} (memory used up?)"
