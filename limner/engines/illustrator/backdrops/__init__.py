"""The places a scene can be set in: `BACKDROPS[setting](view)` paints one without its subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.backdrops.abstract import abstract
from limner.engines.illustrator.backdrops.base import Backdrop, Footing, Front, Light, Surface, View
from limner.engines.illustrator.backdrops.beach import beach
from limner.engines.illustrator.backdrops.city import city
from limner.engines.illustrator.backdrops.desert import desert
from limner.engines.illustrator.backdrops.farm import farm
from limner.engines.illustrator.backdrops.forest import forest
from limner.engines.illustrator.backdrops.garden import garden
from limner.engines.illustrator.backdrops.hills import hills
from limner.engines.illustrator.backdrops.kitchen import kitchen
from limner.engines.illustrator.backdrops.library import library
from limner.engines.illustrator.backdrops.meadow import meadow
from limner.engines.illustrator.backdrops.moon import moon
from limner.engines.illustrator.backdrops.mountains import mountains
from limner.engines.illustrator.backdrops.river import river
from limner.engines.illustrator.backdrops.room import room
from limner.engines.illustrator.backdrops.sea import sea
from limner.engines.illustrator.backdrops.sky import sky
from limner.engines.illustrator.backdrops.skyline import skyline
from limner.engines.illustrator.backdrops.snow import snow
from limner.engines.illustrator.backdrops.space import space
from limner.engines.illustrator.backdrops.street import street
from limner.engines.illustrator.backdrops.studio import studio
from limner.engines.illustrator.backdrops.table import table
from limner.engines.illustrator.backdrops.tabletop import tabled
from limner.engines.illustrator.backdrops.underwater import underwater
from limner.engines.illustrator.backdrops.village import village
from limner.engines.illustrator.backdrops.weather import sheltered, weathered

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.scene import Setting

__all__ = ["BACKDROPS", "Backdrop", "Footing", "Front", "Light", "Surface", "View"]

BACKDROPS: dict[Setting, Callable[[View], Backdrop]] = {
    "sea": weathered(sea),
    "underwater": sheltered(underwater),
    "river": weathered(river),
    "garden": weathered(garden),
    "farm": weathered(farm),
    "hills": weathered(hills),
    "mountains": weathered(mountains),
    "street": weathered(street),
    "skyline": weathered(skyline),
    "village": weathered(village),
    "moon": sheltered(moon),
    "kitchen": sheltered(kitchen),
    "library": sheltered(tabled(library)),
    "beach": weathered(beach),
    "meadow": weathered(meadow),
    "city": weathered(city),
    "forest": weathered(forest),
    "table": sheltered(table),
    "room": sheltered(tabled(room)),
    "snow": weathered(snow),
    "sky": weathered(sky),
    "space": sheltered(space),
    "desert": weathered(desert),
    "studio": sheltered(studio),
    "abstract": sheltered(abstract),
}
