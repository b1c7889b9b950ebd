"""What the operator may set: one frozen `Settings`, read once at start.

The environment (`LIMNER_PORT=9000`) wins over `limner.toml` (`port = 9000`) in the working directory,
which wins over the defaults. `docs/settings.md` is generated from here. Only `cli`, `app` and
`bootstrap` may import this module; everything else is handed the values it needs.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "LIMNER_"
FILE = Path("limner.toml")


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names it as the operator wrote it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting with its type, default and one line of help. Zero means "no limit" where a limit is meant."""

    host: Annotated[str, Meta(description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="The port to listen on; 0 picks a free one.")] = 8080
    data: Annotated[str, Meta(description="The folder that holds the database, the pictures and the secret key.")] = (
        "./data"
    )
    public_url: Annotated[
        str, Meta(description="How clients reach this server, for the links it hands out. Empty: `http://HOST:PORT`.")
    ] = ""
    database_url: Annotated[
        str,
        Meta(
            description="`postgresql://...` or `sqlite:///file`. Empty: SQLite in the data folder.",
            extra={"secret": True},
        ),
    ] = ""
    storage_url: Annotated[
        str,
        Meta(
            description="Where pictures lie: `file:///folder`, `memory://`, `s3://bucket/prefix`, `gs://`, `az://`. "
            "Empty: `files` in the data folder.",
            extra={"secret": True},
        ),
    ] = ""
    links: Annotated[
        str,
        Meta(
            pattern="^(auto|server|store)$",
            description="Whose links open pictures. `store`: presigned ones, straight from the object store (7 days at "
            "most); `server`: this server's own, for a store that clients cannot reach; `auto`: the store's where it "
            "can sign, else this server's.",
        ),
    ] = "auto"
    secret_key: Annotated[
        str,
        Meta(
            description="Signs file links. Empty: made at the first start and kept in the data folder as `secret.key`.",
            extra={"secret": True},
        ),
    ] = ""
    models: Annotated[
        str, Meta(description="The operator's own catalogue file, laid over the shipped `models.toml`.")
    ] = ""
    free_credits: Annotated[
        int, Meta(ge=0, description="Micro-credits granted to a new account with its first application.")
    ] = 5_000_000
    registration: Annotated[
        str,
        Meta(
            pattern="^(open|invite|closed)$",
            description="Who may register in the console: `open` everybody, `invite` who was invited by an admin, "
            "`closed` nobody. The first user always may, and is the admin.",
        ),
    ] = "open"
    session_life: Annotated[
        int, Meta(ge=300, description="How long a browser stays signed in to the console, seconds.")
    ] = 2_592_000
    oidc_issuer: Annotated[
        str,
        Meta(
            description="Single sign-on: the issuer of an OpenID Connect provider, for example "
            "`https://id.example.com/realms/team`. Its redirect URI is `LIMNER_PUBLIC_URL` with `/login/oidc/callback`."
        ),
    ] = ""
    oidc_client_id: Annotated[str, Meta(description="What the provider calls this server.")] = ""
    oidc_client_secret: Annotated[
        str, Meta(description="The secret that the provider gave for it.", extra={"secret": True})
    ] = ""
    oidc_name: Annotated[str, Meta(description="What the button of single sign-on says: Continue with ...")] = (
        "single sign-on"
    )
    smtp_url: Annotated[
        str,
        Meta(
            description="The mail server for invitations and links that set a password anew: "
            "`smtp://user:password@host:587` (STARTTLS where it is offered) or `smtps://...`. Empty: an admin or "
            "`limner account reset` hands them out.",
            extra={"secret": True},
        ),
    ] = ""
    smtp_from: Annotated[
        str, Meta(description="The address that mails come from. Empty: `limner@` the host of the public URL.")
    ] = ""
    retention: Annotated[int, Meta(ge=60, description="How long pictures are kept and their links work, seconds.")] = (
        86_400
    )
    sync_limit: Annotated[
        float,
        Meta(gt=0, description="Longest wait of a synchronous call, seconds; after it the answer is the task's id."),
    ] = 300.0
    engine_timeout: Annotated[float, Meta(gt=0, description="Longest time for one picture, seconds.")] = 600.0
    heartbeat: Annotated[
        float,
        Meta(
            ge=0,
            description="Seconds between the blanks that keep a waiting synchronous answer alive through proxies; "
            "0 sends none. Once the first is sent the status is 200, whatever becomes of the call. Event streams get a "
            "comment as often, or every 10 s.",
        ),
    ] = 0.0
    callback_networks: Annotated[
        str,
        Meta(
            description="Networks that callbacks may go to although they are private, for example "
            "`127.0.0.0/8,::1/128`; comma separated."
        ),
    ] = ""
    callback_schedule: Annotated[
        str,
        Meta(
            pattern="^[0-9.]+(,[0-9.]+)*$",
            description="Seconds before each attempt to deliver a callback, comma separated, beginning with 0; "
            "each varies by a tenth.",
        ),
    ] = "0,5,300,1800,7200,18000,36000,50400,72000,86400"
    callback_timeout: Annotated[float, Meta(gt=0, description="How long a callback's receiver may take, seconds.")] = (
        15.0
    )
    paints: Annotated[
        str,
        Meta(
            description="The models that this node paints itself: `all`, `none` or names, comma separated. "
            "Other than `all` needs PostgreSQL, where other nodes paint the rest."
        ),
    ] = "all"
    slots: Annotated[
        int, Meta(ge=0, description="Pictures this node works on at once; 0 leaves it to each engine and model.")
    ] = 0
    drain: Annotated[
        float, Meta(ge=0, description="How long a stopping node lets what is being drawn finish, seconds.")
    ] = 20.0
    workers: Annotated[int, Meta(ge=0, description="Drawing processes of the illustrator; 0 means one per core.")] = 0
    requests_per_minute: Annotated[
        int, Meta(ge=0, description="Accepted generation requests per account and minute.")
    ] = 600
    images_per_minute: Annotated[int, Meta(ge=0, description="Pictures per account and minute.")] = 600
    concurrent_images: Annotated[int, Meta(ge=0, description="Pictures an account may have in the making at once.")] = (
        100
    )
    max_body: Annotated[int, Meta(ge=1024, description="Largest request body, bytes.")] = 1_048_576
    max_upload: Annotated[
        int, Meta(ge=1024, description="Largest body of a request that comes with pictures (edits, variations), bytes.")
    ] = 209_715_200
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$", description="How much is logged.")] = "info"


def load(environ: Mapping[str, str] = os.environ, file: Path = FILE) -> Settings:
    """Read the settings from the environment and `file`; raise `SettingsError` naming what is wrong."""
    given = _from_file(file) | _from_environment(environ)
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(str(error))) from error


def _from_file(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{file} is not valid TOML: {error}"
        raise SettingsError(message) from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    named = {
        name: environ[PREFIX + name.upper()] for name in Settings.__struct_fields__ if PREFIX + name.upper() in environ
    }
    return {name: value for name, value in named.items() if value != ""}


def _explain(error: str) -> str:
    """Turn msgspec's "Expected `int`, got `str` - at `$.port`" into words an operator reads."""
    field = re.search(r"`\$\.(\w+)`", error)
    unknown = re.search(r"unknown field `(\w+)`", error)
    if unknown:
        return f"limner.toml: there is no setting {unknown[1]!r}; see docs/settings.md"
    what = error.split(" - at ", maxsplit=1)[0]
    return f"{PREFIX}{field[1].upper()}: {what}" if field else error


def describe() -> Iterator[tuple[str, str, Any, str, bool]]:
    """Yield each setting as (name, type, default, help, is_secret), for the docs and `limner doctor`."""
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        meta: Meta = hints[field.name].__metadata__[0]
        kind = hints[field.name].__origin__.__name__
        yield field.name, kind, field.default, meta.description or "", bool((meta.extra or {}).get("secret"))


def masked(settings: Settings) -> dict[str, str]:
    """Give the effective settings as text, secrets hidden, for people to look at."""
    secret = {name for name, _, _, _, hidden in describe() if hidden}
    values = msgspec.structs.asdict(settings)
    return {name: ("********" if name in secret and value else str(value)) for name, value in values.items()}
