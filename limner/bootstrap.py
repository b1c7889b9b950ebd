"""Builds everything that holds a resource, once, and closes it in the opposite order."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from limner.addresses import parse_networks
from limner.assets import Assets
from limner.catalog import Catalogue, CatalogueError, Model
from limner.conduct import Conduct, conduct
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
from limner.nodes import Node, this_one
from limner.offering import Offering
from limner.oidc import Provider
from limner.outbound import Outbound
from limner.passwords import Passwords
from limner.quotas import Limits
from limner.receipts import Receipts
from limner.room import Room
from limner.settings import masked
from limner.storage import Storage
from limner.telemetry import Telemetry
from limner.upkeep import Upkeep
from limner.whereabouts import database_url, models_folder, public_url, secret_key, storage_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from limner.dispatch.base import Dispatcher
    from limner.engines.base import Engine
    from limner.settings import Settings

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
    receipts: Receipts
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
        around = conduct(settings, catalogue, telemetry)
        closing.push_async_callback(around.close)
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
        opened = _Opened(
            settings=settings,
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
            conduct=around,
            mail=mail,
            provider=provider,
            telemetry=telemetry,
        )
        yield _wire(opened)


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


@dataclass(frozen=True)
class _Opened:
    """What was opened, before it is wired together."""

    settings: Settings
    node: Node
    catalogue: Catalogue
    offering: Offering
    database: Database
    storage: Storage
    engines: dict[str, Engine]
    dispatcher: Dispatcher
    feed: LocalFeed
    outbound: Outbound
    room: Room
    conduct: Conduct
    mail: Mail | None
    provider: Provider | None
    telemetry: Telemetry


def _wire(it: _Opened) -> Services:
    settings, secret, verifier = it.settings, secret_key(it.settings), Verifier(it.database)
    assets = Assets(it.storage, secret, public_url(settings), settings.links)
    inputs = Inputs(it.storage)
    generations = _generations(it, assets, inputs)
    courier = _courier(it, assets)
    generations.on_delivery = courier.wake
    return Services(
        settings=settings,
        shown_settings=masked(settings),
        node=it.node,
        public_url=public_url(settings),
        secret=secret,
        database=it.database,
        storage=it.storage,
        assets=assets,
        inputs=inputs,
        catalogue=it.catalogue,
        offering=it.offering,
        engines=it.engines,
        dispatcher=it.dispatcher,
        feed=it.feed,
        outbound=it.outbound,
        generations=generations,
        receipts=Receipts(it.database, inputs, secret, public_url(settings)),
        courier=courier,
        upkeep=Upkeep(
            it.database,
            generations,
            it.dispatcher,
            assets,
            it.offering,
            inputs=inputs,
            verifier=verifier,
            telemetry=it.telemetry,
            node=it.node,
            retention=settings.retention,
        ),
        verifier=verifier,
        passwords=Passwords(),
        mail=it.mail,
        provider=it.provider,
        telemetry=it.telemetry,
    )


def _generations(it: _Opened, assets: Assets, inputs: Inputs) -> Generations:
    maker = Maker(
        it.database,
        it.engines,
        it.dispatcher,
        feed=it.feed,
        inputs=inputs,
        conduct=it.conduct,
        telemetry=it.telemetry,
        engine_timeout=it.settings.engine_timeout,
    )
    return Generations(
        it.database,
        it.catalogue,
        maker,
        it.dispatcher,
        feed=it.feed,
        store=assets,
        room=it.room,
        telemetry=it.telemetry,
        limits=_limits(it.settings),
        node=it.node.id,
        retention=it.settings.retention,
    )


def _courier(it: _Opened, assets: Assets) -> Courier:
    return Courier(
        it.database,
        it.outbound,
        assets,
        telemetry=it.telemetry,
        master=secret_key(it.settings),
        node=it.node.id,
        schedule=_schedule(it.settings.callback_schedule),
        time_out=it.settings.callback_timeout,
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
            folder=models_folder(settings),
            seconds=settings.engine_timeout,
            room=room or Room(),
        )
        for name in sorted({model.engine for model in painted})
    }


def _engine(engines: Mapping[str, Callable[..., Engine]], name: str, setup: Setup) -> Engine:
    if name not in engines:
        raise CatalogueError(f"there is no engine {name!r}; there are {', '.join(engines)}")
    return engines[name](setup)


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
