"""Who holds what, and who wears it: what hands can hold, and what a drawing can be given to wear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.language.mentions import LIVING, Waiting

if TYPE_CHECKING:
    from limner.engines.illustrator.language.mentions import Bonds, Mention
    from limner.engines.illustrator.language.things import Thing
    from limner.engines.illustrator.language.vocabulary import Noun
    from limner.engines.illustrator.scene import Place

# What can be put on anybody's head, eyes, neck or back; other garments would have to fit.
WORN = frozenset(
    {
        "top hat", "cap", "graduation cap", "sun hat", "crown", "helmet", "army helmet", "cowboy hat", "wizard hat",
        "party hat", "Santa hat", "chef's hat", "space helmet", "glasses", "sunglasses", "goggles", "headphones", "tie",
        "bow tie", "scarf", "medal", "bow", "backpack", "cape", "diving mask",
    }
)  # fmt: skip
# What only those wear who are drawn without clothes: animals and robots.
DRESSES = frozenset({"jacket", "coat", "T-shirt", "dress", "kimono", "lab coat"})
# Instruments that one plays standing or sitting behind them.
PLAYED_AT = frozenset({"piano", "drum kit"})
# How clothes are spoken of that somebody has on: in a shirt, with a coat over it.
WORN_AT = ("in", "on", "worn", "above")
# What one sits or lies on, also where people say "in".
SEATS = frozenset(
    {"couch", "bed", "chair", "armchair", "bench", "hammock", "throne", "stool", "swing", "rocking chair", "deck chair",
     "tree house", "sled", "sleigh", "horse", "rug"}
)  # fmt: skip
# Buildings that people are in: a picture shows either them or the building, so they stand before it.
SHELTERS = frozenset({"castle", "church", "cathedral", "mosque", "stadium", "temple", "school", "hospital", "bank"})
# How much larger than its holder a being is not held any more.
HELD_BEING = 0.6


def borne(noun: Noun, bearer: Mention) -> Place | None:
    """Say how somebody has what they are "with": on, or in their hands; several do not share one."""
    if bearer.thing.sort not in LIVING or bearer.plural or (bearer.count or 1) > 1:
        return None
    if _is_worn(noun.thing, bearer.thing):
        return "worn"
    return "held" if noun.thing.sort in ("prop", "instrument") and not noun.plural else None


def grip(bonds: Bonds, thing: Thing) -> None:
    """Let those who hold something hold what hands can hold, and stand next to what is too large for that."""
    bonds.share("worn" if thing.name in WORN | DRESSES else "held" if thing.sort == "prop" else "on")
    waiting = bonds.waiting
    if waiting is None or not waiting.others:
        return
    holder = bonds.said.mentions[waiting.others[0]].thing
    worn = _is_worn(thing, holder)
    if waiting.place == "in" and not waiting.reverse and thing.name in SEATS | SHELTERS and holder.sort in LIVING:
        waiting.place = "on" if thing.name in SEATS else "in_front"
    elif waiting.place == "in" and worn:
        bonds.waiting = Waiting("worn", waiting.others, reverse=True, stays=True)
    elif waiting.reverse and waiting.played and thing.name in PLAYED_AT:
        waiting.place = "in_front"
    elif waiting.reverse and waiting.place == "held":
        waiting.place = "held" if _fits(thing, holder, played=waiting.played) else "next_to"
    elif waiting.reverse and waiting.place == "worn" and not worn:
        waiting.place = "held" if holder.sort in LIVING and thing.sort == "prop" and thing.material != "cloth" else "on"


def _is_worn(thing: Thing, wearer: Thing) -> bool:
    """Whether a wearer can be drawn with a thing on."""
    return wearer.sort in LIVING and (thing.name in WORN or (thing.name in DRESSES and wearer.sort != "person"))


def _fits(thing: Thing, holder: Thing, *, played: bool) -> bool:
    """Whether somebody's hands can hold a thing; of what is played only instruments are held."""
    if played:
        return thing.sort == "instrument"
    return thing.sort in ("prop", "instrument") or thing.height <= HELD_BEING * holder.height


def is_clothing(bonds: Bonds, thing: Thing) -> bool:
    """Whether a garment is what somebody has on that no drawing shows, so that nothing is drawn for it."""
    waiting = bonds.waiting or bonds.shared
    garment = thing.home == "studio" and thing.material == "cloth"
    if waiting is None or not waiting.others or not garment or waiting.place not in WORN_AT:
        return False
    wearer = bonds.said.mentions[waiting.others[0]].thing
    return wearer.sort in LIVING and not _is_worn(thing, wearer)
