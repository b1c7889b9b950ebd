"""Changing a scene by an instruction: each clause does something to a draft, or is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from limner.engines.illustrator.editing import understanding, wording
from limner.engines.illustrator.editing.clauses import Clause, clauses
from limner.engines.illustrator.editing.drafts import MOONS, TOUCHING, Draft, Member, is_of_place
from limner.engines.illustrator.editing.retouch import GREY, NONE, Retouch, retouched
from limner.engines.illustrator.editing.understanding import missing, unchanged, unread
from limner.engines.illustrator.language.mentions import MOST_MENTIONS
from limner.engines.illustrator.language.reading import (
    MOST_OF_A_KIND,
    NO_IDEA,
    details_of,
    hear,
    palette_of,
    setting_of,
    subjects_of,
)
from limner.errors import ApiNotImplemented

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.language.mentions import Mention, Said
    from limner.engines.illustrator.language.vocabulary import Vocabulary
    from limner.engines.illustrator.scene import Detail, Medium, Scene, Setting, Time, Weather


@dataclass(slots=True)
class Edit:
    """What came of an instruction: the draft, whether only its subjects are wanted, and what is done to its print.

    `everywhere` tells that more than its subjects have changed.
    """

    draft: Draft
    cut_out: bool = False
    everywhere: bool = False
    retouch: Retouch = NONE


def changed(
    scene: Scene,
    instruction: str,
    words: Vocabulary,
    *,
    brought: tuple[Scene, ...] = (),
    hidden: frozenset[int] = frozenset(),
    retouch: Retouch = NONE,
) -> Edit:
    """Change a scene as an instruction says; everybody of the scenes `brought` comes in first.

    `hidden` are subjects that a mask covers: who is only described there takes their place.
    `retouch` is what has been done to its print before.
    Raises `ApiNotImplemented` for a clause that is not understood, or changes nothing.
    """
    edit = Edit(Draft.of(scene), retouch=retouch)
    for other in brought:
        edit.draft.bring(other)
    told = clauses(instruction)
    if not told and not brought:
        raise unread(instruction, own=True)
    changer = _Changer(edit, words, together=bool(brought))
    for clause in told:
        changer.change(clause)
    changer.uncover(hidden)
    if len(edit.draft.members) > MOST_MENTIONS:
        raise ApiNotImplemented(f"A picture can show at most {MOST_MENTIONS} different things.", param="prompt")
    return edit


class _Changer:
    """Applies clauses to an edit, one after the other."""

    def __init__(self, edit: Edit, words: Vocabulary, *, together: bool) -> None:
        self._edit, self._words, self._together = edit, words, together
        self._named: list[Member] = []
        self._described = False
        self._do: dict[str, Callable[[Clause], None]] = {
            "add": self._add, "remove": self._remove, "replace": self._replace,
            "make": self._make, "move": self._move, "say": self._say,
        }  # fmt: skip

    @property
    def _draft(self) -> Draft:
        return self._edit.draft

    def change(self, clause: Clause) -> None:
        """Do what a clause says; raises `ApiNotImplemented` where that cannot be."""
        if self._together and understanding.TOGETHER.match(clause.text):
            return
        found = retouched(clause.text, self._edit.retouch)
        if found == self._edit.retouch:
            raise unchanged(clause.text)
        if found is not None:
            self._edit.retouch, self._edit.everywhere = found, True
            return
        if understanding.VAGUE.search(clause.text):
            raise unread(clause.text, own=True)
        before = self._state()
        self._do[clause.kind](clause)
        if self._state() == before:
            raise unchanged(clause.text)

    def uncover(self, hidden: frozenset[int]) -> None:
        """Take away whom a mask covers, where somebody new was described and not told to be added to them."""
        for member in list(self._draft.members) if self._described else ():
            if member.was in hidden and member not in self._named and member in self._draft.members:
                self._draft.remove(member)

    def _state(self) -> object:
        members = [(id(one), one.subject, one.changed, one.moved, one.grown) for one in self._draft.members]
        bonds = [(id(first), place, id(second)) for first, place, second in self._draft.bonds]
        return members, bonds, self._draft.scene, self._edit.cut_out, self._edit.retouch, len(self._draft.shifts)

    # the clauses

    def _add(self, clause: Clause) -> None:
        self._tell(clause, clause.new, adding=True)

    def _say(self, clause: Clause) -> None:
        self._tell(clause, clause.new, adding=False)

    def _make(self, clause: Clause) -> None:
        """Change somebody who is there: "make the car blue", "make it bigger"."""
        tinted = understanding.TINTED.match(clause.old)
        if tinted:
            self._tell(clause, f"on a {tinted['colour']} background", adding=False)
            return
        self._tell(clause, self._pronounced(clause.old), adding=False, there=True)

    def _move(self, clause: Clause) -> None:
        self._tell(clause, self._pronounced(clause.old), adding=False, there=True)

    def _remove(self, clause: Clause) -> None:
        quoted = wording.quoted(clause.old)
        if quoted or wording.NAMED.search(clause.old):
            self._letter(wording.removed(self._draft.scene.text, quoted))
        elif understanding.BACKGROUND.match(clause.old.strip()):
            self._edit.cut_out = self._edit.everywhere = True
        elif understanding.COLOURS.match(clause.old.strip()):
            self._edit.retouch = replace(self._edit.retouch, tint=GREY)
        elif understanding.EVERYBODY.match(clause.old.strip()):
            while self._draft.members:
                self._draft.remove(self._draft.members[0])
        else:
            self._take_away(clause)

    def _take_away(self, clause: Clause) -> None:
        said, _, _ = hear(understanding.SHARE.sub(r"\1 ", self._pronounced(clause.old)), self._words)
        gone = self._without(said)
        for mention in said.mentions:
            members = self._draft.named(mention)
            if not members:
                if gone:
                    continue
                raise missing(mention.thing.name, self._draft.scene)
            self._take(members, mention.count)
        if not said.mentions and not gone:
            raise unread(clause.text, own=True)

    def _take(self, members: list[Member], number: int | None) -> None:
        """Take so many away, the last ones first, or all."""
        for member in reversed(members):
            count = member.subject.count
            fewer = count if number is None else min(count, number)
            number = None if number is None else number - fewer
            if 0 < fewer < count:
                self._counted(member, count - fewer)
            elif fewer and member in self._draft.members:
                self._draft.remove(member)

    def _without(self, said: Said) -> bool:
        """Take away weather, and what a place shows besides; whether there was any of it."""
        scene = self._draft.scene
        details = tuple(one for one in scene.details if one not in said.signs.get("detail", ()))
        named = [*said.signs.get("weather", ()), *said.signs.get("setting", ())]
        weather = "clear" if scene.weather in named else scene.weather
        palette = () if said.signs.keys() & {"palette", "tones"} else scene.palette
        now = replace(scene, details=details, weather=weather, palette=palette)
        self._edit.everywhere = self._edit.everywhere or now != scene
        self._draft.scene = now
        return now != scene

    def _replace(self, clause: Clause) -> None:
        old, new = wording.quoted(clause.old), wording.quoted(clause.new)
        if new and (old or wording.NAMED.search(clause.old) or "sign" in clause.old.lower()):
            self._letter(wording.exchanged(self._draft.scene.text, old, new))
            return
        said, _, _ = hear(clause.new, self._words)
        before, _, _ = hear(self._pronounced(clause.old), self._words)
        if not said.mentions or is_of_place(said.mentions[0], said):
            phrase = f"{self._pronounced(clause.old)} {clause.new}" if before.mentions else clause.new
            self._tell(clause, phrase, adding=False, there=bool(before.mentions))
            return
        if not before.mentions:
            self._tell(clause, clause.new, adding=False)
            return
        members = self._draft.named(before.mentions[0])
        if not members:
            raise missing(before.mentions[0].thing.name, self._draft.scene)
        first, *others = members
        count = sum(one.subject.count for one in members)
        mention = said.mentions[0]
        made = subjects_of(mention, self._words)[0]
        number = made.count if mention.count is not None else count if mention.plural or count == 1 else made.count
        first.become(replace(made, count=min(number, MOST_OF_A_KIND)))
        for other in others:
            self._draft.remove(other)
        self._tell(clause, clause.new, adding=False, bound={0: [first]})

    # what is said of the picture

    def _tell(
        self,
        clause: Clause,
        phrase: str,
        *,
        adding: bool,
        there: bool = False,
        bound: dict[int, list[Member]] | None = None,
    ) -> None:
        """Apply what a phrase says: whom it names comes or is changed, and all signs of the whole picture."""
        said, texts, _ = hear(phrase, self._words)
        texts = wording.quoted(phrase) or texts
        if (clause.kind == "move" or clause.whole) and not said.signs.get("setting"):
            said = self._placed(phrase, said)
        groups = self._groups(said, adding=adding, there=there, bound=bound or {})
        if (
            clause.kind == "make"
            and said.signs.get("setting")
            and not any(groups)
            and not understanding.TINTED.match(clause.old)
        ):
            raise unread(clause.text, own=True)
        self._named += [member for group in groups for member in group]
        self._described = self._described or (clause.kind == "say" and any(one.was is None for one in self._named))
        for one, place, other in said.relations:
            for first in groups[one]:
                for second in groups[other]:
                    self._draft.bind(first, place, second)
        self._sided(said, groups)
        sized = self._sized(said, clause, groups)
        if clause.kind == "add" and any(member.was is None for group in groups for member in group):
            said.signs.pop("setting", None)  # "add birds in the sky" says where they come, not where all of it is
        signed = self._signed(said, sole=not any(groups))
        if texts:
            afresh = clause.kind in ("make", "replace", "say") and bool(wording.NAMED.search(clause.text))
            self._letter(wording.added(self._draft.scene.text, texts, afresh=afresh))
        if not (any(groups) or sized or signed or texts):
            raise unread(clause.text, own=True)

    def _placed(self, phrase: str, said: Said) -> Said:
        """Read "to the moon" and "it to a forest" as on and in them."""
        bare = re.sub(r"^(?:.*\s)?(?:to|into|onto)\s+", "", phrase, flags=re.IGNORECASE)
        for word in ("on", "in", "at"):
            other, _, _ = hear(f"{word} {bare}", self._words)
            if other.signs.get("setting") and not [one for one in other.mentions if not is_of_place(one, other)]:
                others = [one for one in said.mentions if not is_of_place(one, said)]
                return other if not others else said
        return said

    def _groups(self, said: Said, *, adding: bool, there: bool, bound: dict[int, list[Member]]) -> list[list[Member]]:
        """Find or make those whom the mentions mean."""
        objects = {second for _, _, second in said.relations}
        groups: list[list[Member]] = []
        for at, mention in enumerate(said.mentions):
            if at in bound:
                groups.append(bound[at])
                continue
            if is_of_place(mention, said):
                groups.append([])
                continue
            known = self._draft.named(mention)
            comes = adding and not mention.definite and at not in objects
            if known and not comes:
                for member in known:
                    self._update(member, mention)
                self._number(known, mention)
                groups.append(known)
                continue
            if there and at == 0:
                raise missing(mention.thing.name, self._draft.scene)
            groups.append([self._draft.add(subject) for subject in subjects_of(mention, self._words)])
        return groups

    def _update(self, member: Member, mention: Mention) -> None:
        """Change somebody as a mention says it: colour, number, size, stuff, skin."""
        subject = member.subject
        made = subjects_of(_final(mention), self._words)[0]
        if mention.colours and mention.colours[-1:] != [subject.colour]:
            subject = replace(subject, colour=made.colour, second=made.second, pattern=made.pattern)
            if subject.art != made.art and subject.art not in (mention.thing.art, f"{mention.thing.art}-standing"):
                subject, member.changed = replace(subject, art=mention.thing.art), True
        if mention.material:
            subject = replace(subject, material=made.material)
        if mention.tone:
            subject, member.changed = replace(subject, art=made.art), True
        if mention.aloft and subject.stance not in ("flies", "swims"):
            subject, member.moved = replace(subject, stance="flies"), True
        member.subject = subject
        if mention.scale != 1.0:
            member.grow(mention.scale)

    def _number(self, members: list[Member], mention: Mention) -> None:
        """Let there be as many as a mention says in all; the first of several sorts make up the number."""
        if mention.count is None:
            return
        others = sum(member.subject.count for member in members[1:])
        if mention.count > others and mention.count - others != members[0].subject.count:
            self._counted(members[0], mention.count - others)

    def _counted(self, member: Member, count: int) -> None:
        member.subject = replace(member.subject, count=min(max(1, count), MOST_OF_A_KIND))
        member.changed = member.changed or self._draft.bound(member)

    def _sided(self, said: Said, groups: list[list[Member]]) -> None:
        """Put those who are told to be on a side there, beside everybody else who stands by themselves."""
        borne = {id(first) for first, place, _ in self._draft.bonds if place in TOUCHING}
        for mention, members in zip(said.mentions, groups, strict=True):
            for member in members if mention.side in ("left", "right") else ():
                others = [one for one in self._draft.members if id(one) not in borne]
                others = [one for one in others if one not in (*members, *self._draft.together(member))]
                if not others and member.was is not None:
                    self._draft.shifts.append((member, mention.side or "left"))
                for other in others:
                    self._draft.bind(member, mention.side or "left", other)

    def _sized(self, said: Said, clause: Clause, groups: list[list[Member]]) -> bool:
        times = next((times for pattern, times in understanding.SIZES if pattern.search(clause.text)), None)
        members = [member for group in groups for member in group]
        told = any(mention.scale != 1.0 for mention in said.mentions)
        if times is None or told or clause.kind not in ("make", "say"):
            return False
        if not members and len(self._draft.members) == 1 and clause.whole:
            members = list(self._draft.members)
        for member in members:
            member.grow(times)
        return bool(members)

    def _signed(self, said: Said, *, sole: bool) -> bool:
        """Apply what is said of the whole picture; whether anything was."""
        scene = self._draft.scene
        hour, sky = understanding.MOODS.get(said.first("mood") or "", ("", ""))
        idea = said.concepts[0] if said.concepts and sole and not said.signs.keys() & understanding.GLOBAL else NO_IDEA
        time = said.first("time") or self._hour(said) or idea.time or hour
        weather = said.first("weather") or idea.weather or (sky if not said.first("time") else "")
        stray = said.signs.get("stray", ()) if sole and len(self._draft.members) == 1 else ()
        palette = () if stray else palette_of(said, idea, scene.setting)
        if not palette and sole and not stray:
            palette = tuple(said.signs.get("stray", ()))
        if stray:
            self._draft.members[0].subject = replace(self._draft.members[0].subject, colour=stray[0], second=None)
        now = replace(
            scene,
            time=cast("Time", time or scene.time),
            weather=cast("Weather", weather or scene.weather),
            medium=cast("Medium", said.first("medium") or said.first("loose") or scene.medium),
            mood=said.first("mood") or idea.mood or scene.mood,
            palette=palette or scene.palette,
            setting=cast("Setting", self._setting(said) or scene.setting),
        )
        details = (*now.details, *details_of(said, now.setting))
        now = replace(now, details=cast("tuple[Detail, ...]", tuple(dict.fromkeys(details))))
        self._edit.everywhere = self._edit.everywhere or now != scene
        self._draft.scene = now
        told = bool(said.signs.keys() & understanding.GLOBAL) or time or weather or palette or stray
        return bool(told)

    def _hour(self, said: Said) -> str:
        names = [mention.thing.name for mention in said.mentions if is_of_place(mention, said)]
        return "night" if any(name in MOONS for name in names) else ""

    def _setting(self, said: Said) -> str:
        if not said.signs.get("setting"):
            return ""
        subjects = tuple(member.subject for member in self._draft.members)
        return setting_of(said, subjects, (), NO_IDEA, self._words)

    def _pronounced(self, phrase: str) -> str:
        """Say whom a pronoun means, where there is but one it can mean."""
        if len(self._draft.members) != 1:
            return phrase
        return understanding.ONE.sub(f"the {self._draft.members[0].subject.name}", phrase)

    def _letter(self, texts: tuple[str, ...]) -> None:
        self._edit.everywhere = self._edit.everywhere or texts != self._draft.scene.text
        self._draft.scene = replace(self._draft.scene, text=texts)


def _final(mention: Mention) -> Mention:
    """Give a mention as it is to become: of "the red car blue" the blue one."""
    if len(mention.colours) > 1 and not mention.pattern:
        return replace(mention, colours=mention.colours[-1:])
    return mention
