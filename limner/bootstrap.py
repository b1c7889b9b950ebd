"""Builds everything that holds a resource, once, and closes it in the opposite order."""

from __future__ import annotations

import os
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from limner.addresses import parse_networks
from limner.assets import Assets
from limner.catalog import Catalogue, CatalogueError, Model
from limner.courier import Courier
from limner.credentials import Verifier
from limner.db import Database, DatabaseError, dialect_of
from limner.db.migrate import upgrade
from limner.dispatch.feed import LocalFeed
from limner.dispatch.lanes import Lane
from limner.dispatch.local import LocalDispatcher
from limner.engines import ENGINES
from limner.engines.base import Setup
from limner.generations import Generations
from limner.inputs import Inputs
from limner.mail import Mail, sender
from limner.making import Maker
from limner.moderation import Moderation
from limner.nodes import Node, this_one
from limner.offering import Offering
from limner.oidc import Provider
from limner.outbound import Outbound
from limner.passwords import Passwords
from limner.provenance import Provenance
from limner.quotas import Limits
from limner.room import Room
from limner.settings import masked
from limner.shaping import Shaper
from limner.storage import Storage
from limner.telemetry import Telemetry
from limner.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from limner.dispatch.base import Dispatcher
    from limner.engines.base import Engine
    from limner.settings import Settings

SECRET_FILE = "secret.key"  # noqa: S105 - its name, not what is in it
Role = Literal["serve", "worker"]


@dataclass(frozen=True)
class Services:
    """Everything a face needs; made by `bootstrap`."""

    settings: Settings
    shown_settings: Mapping[str, str]
    node: Node
    public_url: str
    secret: bytes
    database: Database
    storage: Storage
    assets: Assets
    inputs: Inputs
    catalogue: Catalogue
    offering: Offering
    engines: Mapping[str, Engine]
    dispatcher: Dispatcher
    feed: LocalFeed
    outbound: Outbound
    generations: Generations
    courier: Courier
    upkeep: Upkeep
    verifier: Verifier
    passwords: Passwords
    mail: Mail | None
    provider: Provider | None
    telemetry: Telemetry


@asynccontextmanager
async def bootstrap(
    settings: Settings, *, engines: Mapping[str, Callable[..., Engine]] = ENGINES, role: Role = "serve"
) -> AsyncIterator[Services]:
    """Open the database (migrated to the newest schema), the storage and the engines, and wire them together.

    `engines` replaces the registry, for tests that bring an engine of their own. Raises `CatalogueError`,
    `DatabaseLocked`, or `ValueError` for a setting that names nothing known or cannot be with another.
    """
    catalogue = Catalogue.load(Path(settings.models) if settings.models else None)
    url = database_url(settings)
    painted = _painted(settings, catalogue, alone=dialect_of(url) == "sqlite")
    telemetry = Telemetry()
    mail, provider = mail_server(settings, telemetry), oidc_provider(settings)
    _migrate(url)
    async with AsyncExitStack() as closing:
        database = Database.open(url)
        closing.push_async_callback(database.close)
        offering = Offering(database, catalogue, engines, telemetry)
        await offering.begin()
        painted = [catalogue.known[model.id] for model in painted]
        networks = parse_networks(settings.callback_networks)
        outbound = Outbound(networks, inboxes=public_url(settings) + "/inbox/")
        closing.push_async_callback(outbound.close)
        room = Room()
        setups = engine_setups(settings, catalogue, painted, outbound=outbound, room=room)
        built = {name: _engine(engines, name, setup) for name, setup in setups.items()}
        for engine in built.values():
            closing.push_async_callback(engine.close)
            await engine.start()
        lanes = _lanes(painted, built, settings.slots)
        node = this_one(role, ",".join(model.id for model in painted), secret_key(settings))
        storage = Storage.open(storage_url(settings))
        dispatcher, feed = _dispatch(database, url, lanes, node.id, storage)
        closing.push_async_callback(dispatcher.close)
        closing.push_async_callback(feed.close)
        await feed.start()
        if mail is not None:
            closing.push_async_callback(mail.close)
        yield _wire(
            settings,
            node=node,
            catalogue=catalogue,
            offering=offering,
            database=database,
            storage=storage,
            engines=built,
            dispatcher=dispatcher,
            feed=feed,
            outbound=outbound,
            room=room,
            mail=mail,
            provider=provider,
            telemetry=telemetry,
        )


def _painted(settings: Settings, catalogue: Catalogue, *, alone: bool) -> list[Model]:
    """Choose the models that this node paints itself."""
    if settings.paints == "all":
        return list(catalogue.models.values())
    if alone:
        raise ValueError("LIMNER_PAINTS: on SQLite one process does everything, so it must paint `all` models")
    names = [] if settings.paints == "none" else [name.strip() for name in settings.paints.split(",")]
    strange = [name for name in names if name not in catalogue.models]
    if strange:
        raise CatalogueError(f"LIMNER_PAINTS: there is no model {', '.join(strange)}")
    return [catalogue.models[name] for name in names]


def _lanes(painted: list[Model], engines: Mapping[str, Engine], slots: int) -> list[Lane]:
    """Make a lane for each engine, and one for each model that has slots of its own."""
    own = [Lane(model.slots, model.engine, (model.id,)) for model in painted if model.slots]
    shared = {
        name: tuple(model.id for model in painted if model.engine == name and not model.slots) for name in engines
    }
    return own + [Lane(slots or engines[name].slots, name, models) for name, models in shared.items() if models]


def _dispatch(
    database: Database, url: str, lanes: list[Lane], node: str, storage: Storage
) -> tuple[Dispatcher, LocalFeed]:
    """Choose who runs tasks and tells of them: this process alone, or a fleet on PostgreSQL."""
    if not database.shared:
        return LocalDispatcher(lanes), LocalFeed()
    from limner.dispatch.fleet import FleetDispatcher  # noqa: PLC0415 - only a fleet loads the queue and its driver
    from limner.dispatch.notify import FleetFeed  # noqa: PLC0415

    return FleetDispatcher(url, lanes), FleetFeed(url, node, storage)


def _wire(
    settings: Settings,
    *,
    node: Node,
    catalogue: Catalogue,
    offering: Offering,
    database: Database,
    storage: Storage,
    engines: dict[str, Engine],
    dispatcher: Dispatcher,
    feed: LocalFeed,
    outbound: Outbound,
    room: Room,
    mail: Mail | None,
    provider: Provider | None,
    telemetry: Telemetry,
) -> Services:
    secret, verifier = secret_key(settings), Verifier(database)
    assets = Assets(storage, secret, public_url(settings), settings.links)
    inputs = Inputs(storage)
    maker = Maker(
        database,
        engines,
        dispatcher,
        feed=feed,
        inputs=inputs,
        shaper=Shaper(),
        moderation=Moderation(catalogue.tables("moderation")),
        provenance=Provenance(),
        telemetry=telemetry,
        engine_timeout=settings.engine_timeout,
    )
    generations = Generations(
        database,
        catalogue,
        maker,
        dispatcher,
        feed=feed,
        store=assets,
        room=room,
        telemetry=telemetry,
        limits=_limits(settings),
        node=node.id,
        retention=settings.retention,
    )
    courier = _courier(settings, database, outbound, assets=assets, telemetry=telemetry, node=node)
    generations.on_delivery = courier.wake
    return Services(
        settings=settings,
        shown_settings=masked(settings),
        node=node,
        public_url=public_url(settings),
        secret=secret,
        database=database,
        storage=storage,
        assets=assets,
        inputs=inputs,
        catalogue=catalogue,
        offering=offering,
        engines=engines,
        dispatcher=dispatcher,
        feed=feed,
        outbound=outbound,
        generations=generations,
        courier=courier,
        upkeep=Upkeep(
            database,
            generations,
            dispatcher,
            assets,
            offering,
            inputs=inputs,
            verifier=verifier,
            telemetry=telemetry,
            node=node,
            retention=settings.retention,
        ),
        verifier=verifier,
        passwords=Passwords(),
        mail=mail,
        provider=provider,
        telemetry=telemetry,
    )


def _courier(
    settings: Settings, database: Database, outbound: Outbound, *, assets: Assets, telemetry: Telemetry, node: Node
) -> Courier:
    return Courier(
        database,
        outbound,
        assets,
        telemetry=telemetry,
        master=secret_key(settings),
        node=node.id,
        schedule=_schedule(settings.callback_schedule),
        time_out=settings.callback_timeout,
    )


def _schedule(given: str) -> tuple[float, ...]:
    """Read the seconds between attempts; the first attempt is made at once, so the first is 0."""
    try:
        seconds = tuple(map(float, given.split(",")))
    except ValueError:
        seconds = ()
    if not seconds or seconds[0] != 0:
        raise ValueError(f"LIMNER_CALLBACK_SCHEDULE: {given!r} must be seconds, comma separated, beginning with 0")
    return seconds


def _limits(settings: Settings) -> Limits:
    return Limits(
        requests_per_minute=settings.requests_per_minute,
        images_per_minute=settings.images_per_minute,
        concurrent_images=settings.concurrent_images,
    )


def _migrate(url: str) -> None:
    """Bring the database to the newest schema; what a driver says of one that cannot be opened becomes one line."""
    try:
        upgrade(url)
    except (DatabaseError, ValueError):
        raise
    except Exception as error:
        raise DatabaseError(f"the database cannot be opened: {str(error).partition(chr(10))[0]}") from error


def engine_setups(
    settings: Settings,
    catalogue: Catalogue,
    painted: Sequence[Model],
    *,
    outbound: Outbound | None = None,
    room: Room | None = None,
) -> dict[str, Setup]:
    """Say for each engine of these models what it is to be built with, by its name."""
    return {
        name: Setup(
            workers=settings.workers,
            models={model.id: model.options for model in painted if model.engine == name},
            upstreams=catalogue.tables("upstreams"),
            outbound=outbound,
            folder=data_folder(settings) / "models",
            seconds=settings.engine_timeout,
            room=room or Room(),
        )
        for name in sorted({model.engine for model in painted})
    }


def _engine(engines: Mapping[str, Callable[..., Engine]], name: str, setup: Setup) -> Engine:
    if name not in engines:
        raise CatalogueError(f"there is no engine {name!r}; there are {', '.join(engines)}")
    return engines[name](setup)


def public_url(settings: Settings) -> str:
    """Give the address that clients and browsers use: the setting, or where the server listens."""
    return settings.public_url.rstrip("/") or f"http://{_reachable(settings.host)}:{settings.port}"


def mail_server(settings: Settings, telemetry: Telemetry) -> Mail | None:
    """Give who sends mails, None where no mail server is set; raises `ValueError` naming the setting at fault."""
    if not settings.smtp_url:
        return None
    host = urlsplit(public_url(settings)).hostname or "localhost"
    return Mail(settings.smtp_url, sender(settings.smtp_from, host), telemetry.log)


def oidc_provider(settings: Settings) -> Provider | None:
    """Give who single sign-on asks, None where nobody is set; raises `ValueError` naming the setting at fault."""
    if not settings.oidc_issuer:
        return None
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        f"{public_url(settings)}/login/oidc/callback",
    )


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
