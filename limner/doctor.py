"""The examination behind `limner doctor`. Does everything that a server needs work here and now.

It changes nothing, except that folders are made and the storage check writes and removes a small object. It may run
beside a server.
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from limner import quotas
from limner.addresses import parse_networks
from limner.assets import Assets
from limner.bootstrap import engine_setups, mail_server, oidc_provider
from limner.catalog import Catalogue, CatalogueError
from limner.conduct import conduct
from limner.db import connect, dialect_of
from limner.db.migrate import HEAD, version
from limner.db.sqlite import path_of
from limner.engines import ENGINES
from limner.engines.base import Health
from limner.outbound import Outbound
from limner.settings import describe
from limner.storage import Storage
from limner.telemetry import Telemetry
from limner.whereabouts import data_folder, database_url, storage_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from limner.engines.base import Engine
    from limner.settings import Settings

PATIENCE = 20.0
"""How long an engine may take to get ready, seconds."""

STEP = 0.2


class Finding(NamedTuple):
    """One thing looked at: whether it is well, and what there is to say of it."""

    what: str
    ok: bool
    detail: str


async def examine(
    settings: Settings, *, engines: Mapping[str, Callable[..., Engine]] = ENGINES, patience: float = PATIENCE
) -> list[Finding]:
    """Look at everything and give what was found, in the order of a start; nothing that is broken stops the rest.

    `patience` is how long each engine may take to get ready, in seconds; `engines` replaces the registry, for tests.
    """
    findings = [
        await _finding("data folder", lambda: asyncio.to_thread(_data_folder, settings)),
        await _finding("database", lambda: asyncio.to_thread(_database, settings)),
        await _finding("ledger", lambda: asyncio.to_thread(_ledger, settings)),
        await _finding("storage", lambda: _storage(settings)),
        await _finding("catalogue", lambda: asyncio.to_thread(_catalogue, settings, engines)),
    ]
    if findings[-1].ok:
        findings += await _conduct(settings)
    if settings.smtp_url:
        findings.append(await _finding("mail server", lambda: _mail(settings)))
    if settings.oidc_issuer:
        findings.append(await _finding("single sign-on", lambda: _single_sign_on(settings)))
    findings += await _engines(settings, engines, patience)
    return [finding._replace(detail=_hidden(settings, finding.detail)) for finding in findings]


async def _finding(what: str, look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what, ok=True, detail=await look())
    except Exception as error:  # noqa: BLE001 - whatever is wrong is what is to be told
        return Finding(what, ok=False, detail=(str(error).strip() or type(error).__name__).splitlines()[0])


def _hidden(settings: Settings, text: str) -> str:
    """Hide secrets that a driver's message may quote."""
    values = [getattr(settings, name) for name, _, _, _, secret in describe() if secret]
    for value in filter(None, values):
        text = text.replace(value, "********")
    return text


def _data_folder(settings: Settings) -> str:
    folder = data_folder(settings)
    with TemporaryFile(dir=folder) as probe:
        probe.write(b"limner")
    return f"{folder}, {shutil.disk_usage(folder).free / 1e9:.1f} GB free"


def _database(settings: Settings) -> str:
    url = database_url(settings)
    kind = dialect_of(url)
    where = str(path_of(url)) if kind == "sqlite" else "PostgreSQL"
    if kind == "sqlite" and not path_of(url).exists():
        return f"{where} is not there yet; the first start makes it"
    at = version(url)
    if at is not None and at > HEAD:
        raise ValueError(f"{where} is at schema {at}, this limner knows {HEAD}: install a newer limner")
    state = "the newest" if at == HEAD else f"`limner migrate` or the next start brings it to {HEAD}"
    return f"{where}, schema {at or '(empty)'}, {state}{_served(url)}"


def _served(url: str) -> str:
    """Say which process serves an SQLite file, as its lock file tells."""
    if dialect_of(url) != "sqlite":
        return ""
    lock = path_of(url).with_name(path_of(url).name + ".lock")
    holder = lock.read_text("utf-8").strip() if lock.exists() else ""
    return f", served by process {holder}" if holder and Path(f"/proc/{holder}").exists() else ""


def _ledger(settings: Settings) -> str:
    url = database_url(settings)
    if (dialect_of(url) == "sqlite" and not path_of(url).exists()) or version(url) is None:
        return "nothing is booked yet"
    with closing(connect(url)) as session:
        session.begin()
        wrong = quotas.audit(session)
        session.rollback()
    if wrong:
        names = ", ".join(f"{row['name']} ({row['balance']}, booked {row['booked']})" for row in wrong)
        raise ValueError(f"balance and ledger differ for {names}")
    return "every balance is the sum of its ledger"


async def _storage(settings: Settings) -> str:
    url = storage_url(settings)
    storage = Storage.open(url)
    await storage.check()
    Assets(storage, b"", "", settings.links)
    scheme, _, rest = url.partition("://")
    return f"writes and reads at {rest if scheme == 'file' else scheme + '://…'}"


async def _mail(settings: Settings) -> str:
    mail = mail_server(settings, Telemetry())
    return await mail.check() if mail else ""


async def _single_sign_on(settings: Settings) -> str:
    provider = oidc_provider(settings)
    return await provider.check() if provider else ""


def _catalogue(settings: Settings, engines: Mapping[str, Callable[..., Engine]]) -> str:
    catalogue = Catalogue.load(Path(settings.models) if settings.models else None)
    strange = {model.engine for model in catalogue.models.values()} - engines.keys()
    if strange:
        raise ValueError(f"there is no engine {', '.join(sorted(strange))}; there are {', '.join(engines)}")
    return f"{len(catalogue.models)} models, {catalogue.default} unless asked otherwise"


async def _conduct(settings: Settings) -> list[Finding]:
    """Look at who shapes, judges and marks, as far as there is anything to look at."""
    catalogue = Catalogue.load(Path(settings.models) if settings.models else None)
    try:
        around = conduct(settings, catalogue, Telemetry())
    except ValueError as error:
        return [Finding("conduct", ok=False, detail=str(error))]
    looks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("shaping", around.shaper.check),
        ("moderation", around.moderation.check),
        ("provenance", around.provenance.check),
    ]
    try:
        found = [await _finding(what, look) for what, look in looks]
    finally:
        await around.close()
    return [finding for finding in found if finding.detail]


async def _engines(settings: Settings, engines: Mapping[str, Callable[..., Engine]], patience: float) -> list[Finding]:
    """Look at the engines that answer for models; what is wrong with the catalogue has been told."""
    try:
        catalogue = Catalogue.load(Path(settings.models) if settings.models else None)
    except CatalogueError:
        catalogue = Catalogue.load()
    outbound = Outbound(parse_networks(settings.callback_networks))
    try:
        setups = engine_setups(settings, catalogue, list(catalogue.models.values()), outbound=outbound)
        checks = {
            name: await _built(partial(engines[name], replace(setup, workers=1)), patience)
            for name, setup in setups.items()
            if name in engines
        }
    except OSError:
        return []  # without a data folder, which has been told
    finally:
        await outbound.close()
    return [Finding(f"engine {name}", health.ok, health.detail) for name, health in checks.items()]


async def _built(build: Callable[[], Engine], patience: float) -> Health:
    try:
        engine = build()
    except ValueError as error:
        return Health(ok=False, detail=str(error))
    return await _engine(engine, patience)


async def _engine(engine: Engine, patience: float) -> Health:
    """Start an engine and wait until it is well, or give up; what it says last is what counts."""
    try:
        await engine.start()
        return await _well(engine, patience)
    except Exception as error:  # noqa: BLE001 - whatever is wrong is what is to be told
        return Health(ok=False, detail=str(error) or type(error).__name__)
    finally:
        await engine.close()


async def _well(engine: Engine, patience: float) -> Health:
    until = asyncio.get_running_loop().time() + patience
    health = await engine.check()
    while not health.ok and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(STEP)
        health = await engine.check()
    return health
