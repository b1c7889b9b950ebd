"""Whereabouts: where this installation is reached and where it keeps its things, as the settings come to here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.settings import Settings

SECRET_FILE = "secret.key"  # noqa: S105 - its name, not what is in it


def public_url(settings: Settings) -> str:
    """Give the address that clients and browsers use: the setting, or where the server listens."""
    return settings.public_url.rstrip("/") or f"http://{_reachable(settings.host)}:{settings.port}"


def _reachable(host: str) -> str:
    """Give a host name that a client on this machine can use for an address to listen on."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared with, not bound to
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def data_folder(settings: Settings) -> Path:
    """Give the data folder as an absolute path, made if missing."""
    folder = Path(settings.data).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def models_folder(settings: Settings) -> Path:
    """Give the folder where models lie that were pulled, made if missing."""
    folder = data_folder(settings) / "models"
    folder.mkdir(exist_ok=True)
    return folder


def database_url(settings: Settings) -> str:
    """Give the database's URL: the setting, or SQLite in the data folder."""
    return settings.database_url or f"sqlite:///{data_folder(settings) / 'limner.db'}"


def storage_url(settings: Settings) -> str:
    """Give the storage's URL: the setting, or a folder in the data folder."""
    return settings.storage_url or f"file://{data_folder(settings) / 'files'}"


def secret_key(settings: Settings) -> bytes:
    """Give the key that signs links: the setting, or the one in the data folder, made at the first start."""
    if settings.secret_key:
        return settings.secret_key.encode()
    file = data_folder(settings) / SECRET_FILE
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes().strip()
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(secrets.token_hex(32).encode())
    return file.read_bytes()
