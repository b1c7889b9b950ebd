"""A scene in the making: who is in it, how they are bound to each other, and who of them is no longer as they were."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from limner.engines.illustrator.language.holding import WORN
from limner.engines.illustrator.language.reading import MOST_OF_A_KIND, WHOLE, is_scenery
from limner.engines.illustrator.pack import untoned
from limner.engines.illustrator.scene import Relation

if TYPE_CHECKING:
    from limner.engines.illustrator.language.mentions import Mention, Said
    from limner.engines.illustrator.language.things import Thing
    from limner.engines.illustrator.scene import Place, Scene, Subject

CARRIED: tuple[Place, ...] = ("held", "worn")
TOUCHING: tuple[Place, ...] = (*CARRIED, "on", "in", "under", "above", "in_front", "behind")
SIDES: tuple[Place, ...] = ("left", "right", "next_to")
MOONS = ("moon", "crescent moon")
POWER = 0.29
"""How sizes on paper follow true ones (`staging.measures`)."""
FITTED = (0.75, 1.4)
"""How much smaller or larger than whom they replace somebody is drawn at most."""
_BODIED = {whole: head for head, whole in WHOLE.items()}


@dataclass(slots=True, eq=False)
class Member:
    """One subject of a draft: `was` is its index in the scene before, None for those who come.

    `changed` tells that it looks or does something else, `moved` that it goes elsewhere, `grown` how many times as
    large it is drawn.
    """

    subject: Subject
    was: int | None = None
    changed: bool = False
    moved: bool = False
    grown: float = 1.0

    def become(self, subject: Subject) -> None:
        """Turn it into something else in the same place, about as large as that is beside it."""
        share = (max(0.04, subject.height) / max(0.04, self.subject.height)) ** POWER
        self.grown *= min(max(share, FITTED[0]), FITTED[1])
        self.moved = self.moved or (subject.stance == "flies") != (self.subject.stance == "flies")
        self.subject, self.changed = subject, True

    def grow(self, times: float) -> None:
        """Make it so many times as high as it was."""
        self.subject = replace(self.subject, height=self.subject.height * times)
        self.grown *= times**POWER
        self.changed = True


@dataclass(slots=True)
class Draft:
    """A scene that is being changed, clause by clause; `shifts` tell to which side of the picture somebody goes."""

    scene: Scene
    members: list[Member] = field(default_factory=list)
    bonds: list[tuple[Member, Place, Member]] = field(default_factory=list)
    shifts: list[tuple[Member, Place]] = field(default_factory=list)

    @classmethod
    def of(cls, scene: Scene) -> Draft:
        """Begin with a scene as it is."""
        members = [Member(subject, at) for at, subject in enumerate(scene.subjects)]
        bonds = [(members[one.first], one.place, members[one.second]) for one in scene.relations]
        return cls(scene, members, bonds)

    def bring(self, scene: Scene) -> None:
        """Bring in everybody of another scene."""
        members = [Member(subject) for subject in scene.subjects]
        self.members += members
        self.bonds += [(members[one.first], one.place, members[one.second]) for one in scene.relations]

    def named(self, mention: Mention) -> list[Member]:
        """Find those whom a mention means: of the same name, and of its colour where there are several colours."""
        alike = [one for one in self.members if is_same(one.subject, mention.thing)]
        coloured = [one for one in alike if one.subject.colour and one.subject.colour in mention.colours[:1]]
        return coloured if coloured and len(alike) > 1 else alike

    def add(self, subject: Subject) -> Member:
        """Let somebody come: one more of a kind that is there alike and free, or somebody new."""
        for one in self.members:
            alike = replace(subject, count=one.subject.count) == one.subject
            if alike and not self.bound(one) and one.subject.count + subject.count <= MOST_OF_A_KIND:
                one.subject = replace(one.subject, count=one.subject.count + subject.count)
                return one
        member = Member(subject)
        self.members.append(member)
        return member

    def bound(self, member: Member) -> bool:
        """Whether somebody is on, in, at or with somebody else."""
        return any(member in (first, second) for first, place, second in self.bonds if place in TOUCHING)

    def remove(self, member: Member) -> None:
        """Take somebody away with what they hold and wear; what was on them comes down."""
        borne = [first for first, place, second in self.bonds if second is member and place in CARRIED]
        for first, place, second in self.bonds:
            if member in (first, second) and place in TOUCHING:
                first.changed = second.changed = True
        self.bonds = [bond for bond in self.bonds if member not in (bond[0], bond[2])]
        self.members.remove(member)
        for one in borne:
            if one in self.members:
                self.remove(one)

    def bind(self, first: Member, place: Place, second: Member) -> None:
        """Put somebody at a place of somebody else, whatever was said of the two before."""
        if first is second or (first, place, second) in self.bonds:
            return
        place = "worn" if place == "on" and first.subject.name in WORN and _alive(second.subject) else place
        kept = [bond for bond in self.bonds if not _collides(bond, first, place, second)]
        self.bonds = [*kept, (first, place, second)]
        if place in TOUCHING:
            first.changed = second.changed = True
        first.moved = first.moved or first.was is not None

    def together(self, member: Member) -> list[Member]:
        """Give somebody with all who are on, in, at or with them."""
        found = [member]
        for one in found:
            pairs = ((first, second) for first, place, second in self.bonds if place in TOUCHING)
            near = [other for pair in pairs if one in pair for other in pair]
            found += [other for other in dict.fromkeys(near) if other not in found]
        return found

    def settled(self) -> Scene:
        """Give the scene as it has become."""
        self._pose()
        index = {id(member): at for at, member in enumerate(self.members)}
        bonds = tuple(Relation(index[id(first)], place, index[id(second)]) for first, place, second in self.bonds)
        return replace(self.scene, subjects=tuple(one.subject for one in self.members), relations=bonds)

    def _pose(self) -> None:
        """Draw animals whole, or with a body that can hold and wear, as what they do wants it."""
        for member in self.members:
            busy = any(second is member for _, place, second in self.bonds if place in CARRIED)
            busy = busy or any(first is member for first, place, _ in self.bonds if place in ("on", "in"))
            head = _BODIED.get(member.subject.art)
            if busy and head:
                member.subject, member.changed = replace(member.subject, art=head, faces="front"), True


def is_same(subject: Subject, thing: Thing) -> bool:
    """Whether a subject is what a word names."""
    own = _BODIED.get(untoned(subject.art), untoned(subject.art))
    return thing.name == subject.name or own == untoned(thing.art)


def is_of_place(mention: Mention, said: Said) -> bool:
    """Whether something is of the place: a moon is always, for the picture has somebody else or a place already."""
    bare = mention.count is None and not mention.colours
    return is_scenery(mention, said) or (bare and mention.thing.name in MOONS)


def _alive(subject: Subject) -> bool:
    return subject.material in ("fur", "skin", "cloth")


def _collides(bond: tuple[Member, Place, Member], first: Member, place: Place, second: Member) -> bool:
    """Whether an older bond cannot be together with a new one."""
    a, older, b = bond
    if place in TOUCHING:
        return (a is first and older in (*TOUCHING, *SIDES)) or (a is second and b is first)
    return {id(a), id(b)} == {id(first), id(second)} or (a is first and older in TOUCHING and older not in CARRIED)
