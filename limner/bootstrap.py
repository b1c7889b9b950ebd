"""Builds everything that holds a resource, once, and closes it in the opposite order."""

from __future__ import annotations

import os
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from limner.assets import Assets
from limner.catalog import Catalogue, CatalogueError
from limner.credentials import Verifier
from limner.db import Database, DatabaseError
from limner.db.migrate import upgrade
from limner.dispatch.local import LocalDispatcher
from limner.engines import ENGINES
from limner.generations import Generations
from limner.quotas import Limits
from limner.storage import Storage
from limner.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from limner.engines.base import Engine
    from limner.settings import Settings

SECRET_FILE = "secret.key"  # noqa: S105 - its name, not what is in it
DRAIN = 20.0
"""How long a stopping server lets what is being drawn finish, seconds."""


@dataclass(frozen=True)
class Services:
    """Everything a face needs; made by `bootstrap`."""

    settings: Settings
    public_url: str
    database: Database
    storage: Storage
    assets: Assets
    catalogue: Catalogue
    engines: Mapping[str, Engine]
    dispatcher: LocalDispatcher
    generations: Generations
    verifier: Verifier
    telemetry: Telemetry


@asynccontextmanager
async def bootstrap(
    settings: Settings, *, engines: Mapping[str, Callable[..., Engine]] = ENGINES
) -> AsyncIterator[Services]:
    """Open the database (migrated to the newest schema), the storage and the engines, and wire them together.

    `engines` replaces the registry, for tests that bring an engine of their own. Raises `CatalogueError`,
    `DatabaseLocked`, or `ValueError` for a URL that names nothing known, or for a store that should sign links but
    cannot.
    """
    catalogue = Catalogue.load(Path(settings.models) if settings.models else None)
    _migrate(database_url(settings))
    async with AsyncExitStack() as closing:
        database = Database.open(database_url(settings))
        closing.push_async_callback(database.close)
        built = {name: _engine(engines, name, settings) for name in sorted(_engine_names(catalogue))}
        for engine in built.values():
            closing.push_async_callback(engine.close)
            await engine.start()
        dispatcher = LocalDispatcher({name: engine.slots for name, engine in built.items()})
        closing.push_async_callback(dispatcher.drain, DRAIN)
        yield _wire(settings, catalogue, database, built, dispatcher)


def _wire(
    settings: Settings,
    catalogue: Catalogue,
    database: Database,
    engines: dict[str, Engine],
    dispatcher: LocalDispatcher,
) -> Services:
    public_url = settings.public_url.rstrip("/") or f"http://{_reachable(settings.host)}:{settings.port}"
    storage, telemetry = Storage.open(storage_url(settings)), Telemetry()
    assets = Assets(storage, secret_key(settings), public_url, settings.links)
    limits = Limits(
        requests_per_minute=settings.requests_per_minute,
        images_per_minute=settings.images_per_minute,
        concurrent_images=settings.concurrent_images,
    )
    generations = Generations(
        database,
        catalogue,
        engines,
        dispatcher,
        assets,
        telemetry=telemetry,
        limits=limits,
        retention=settings.retention,
        engine_timeout=settings.engine_timeout,
    )
    verifier = Verifier(database)
    return Services(
        settings,
        public_url,
        database,
        storage,
        assets,
        catalogue,
        engines,
        dispatcher,
        generations,
        verifier,
        telemetry,
    )


def _migrate(url: str) -> None:
    """Bring the database to the newest schema; what a driver says of one that cannot be opened becomes one line."""
    try:
        upgrade(url)
    except (DatabaseError, ValueError):
        raise
    except Exception as error:
        raise DatabaseError(f"the database cannot be opened: {str(error).partition(chr(10))[0]}") from error


def _engine_names(catalogue: Catalogue) -> set[str]:
    return {model.engine for model in catalogue.models.values()}


def _engine(engines: Mapping[str, Callable[..., Engine]], name: str, settings: Settings) -> Engine:
    if name not in engines:
        raise CatalogueError(f"there is no engine {name!r}; there are {', '.join(engines)}")
    return engines[name](workers=settings.workers)


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
