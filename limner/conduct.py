"""Conduct: what happens to every prompt and every picture around the engines, as the settings and the catalogue say.

Prompts are judged and shaped, pictures judged and marked. `bootstrap` builds it, `doctor` looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from limner.catalog import CatalogueError
from limner.moderation import Moderation
from limner.provenance import Provenance
from limner.shaping import Chat, Manner, Shaper

if TYPE_CHECKING:
    from limner.catalog import Catalogue
    from limner.settings import Settings
    from limner.telemetry import Telemetry


class Conduct(msgspec.Struct, frozen=True):
    """Who shapes, judges and marks."""

    shaper: Shaper
    moderation: Moderation
    provenance: Provenance

    async def close(self) -> None:
        """Let go of all connections."""
        await self.shaper.close()
        await self.moderation.close()


def conduct(settings: Settings, catalogue: Catalogue, telemetry: Telemetry) -> Conduct:
    """Build all three, without touching the network.

    Raises `CatalogueError` for a policy that cannot be used, `ValueError` for a setting.
    """
    try:
        moderation = Moderation(catalogue.tables("moderation"), telemetry.log)
    except ValueError as error:
        raise CatalogueError(str(error)) from error
    return Conduct(_shaper(settings, catalogue, telemetry), moderation, provenance(settings))


def _shaper(settings: Settings, catalogue: Catalogue, telemetry: Telemetry) -> Shaper:
    chat = Chat(
        url=settings.chat_url,
        model=settings.chat_model,
        key=settings.chat_key,
        seconds=settings.chat_timeout,
        instructions=settings.chat_instructions,
    )
    shaper = Shaper(cast("Manner", settings.shaping), chat, telemetry.log)
    shaper.require({model.shaping for model in catalogue.known.values()})
    return shaper


def provenance(settings: Settings) -> Provenance:
    """Build who marks pictures; raises `ValueError` naming the setting at fault."""
    return Provenance(settings.provenance != "off", settings.c2pa_certificate, settings.c2pa_key)
