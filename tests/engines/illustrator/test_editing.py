"""Edits of pictures that were made here: what is named changes, all else stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from limner.engines.base import Job, Picture, Step
from limner.engines.illustrator import Illustrator
from limner.engines.illustrator.delivering import Order, delivered
from limner.engines.illustrator.editing.changes import changed
from limner.engines.illustrator.editing.clauses import clauses
from limner.engines.illustrator.editing.plans import Plan, plan_of
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.telling import tell
from limner.engines.illustrator.language.vocabulary import vocabulary
from limner.engines.illustrator.reporting import Reporter
from limner.engines.illustrator.staging.keeping import Kept
from limner.errors import ApiNotImplemented, BadRequest
from tests.engines.illustrator.studio import PACK, boxes, drawn, edited, given, mask, names, pixels, quiet

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Scene

CAR = drawn("a red car and a tree in a meadow")
CAT = drawn("a cat on a sofa")
TABLE = drawn('a red apple, a green apple and a sign that says "EAT" on a table')


def plan(picture: Picture = CAR) -> Plan:
    found = plan_of(picture.plan, PACK.names)
    assert found is not None
    return found


def test_a_picture_comes_with_a_small_plan_that_paints_it_again() -> None:
    assert len(msgspec.json.encode(CAR.plan)) < 2000
    assert (CAR.origin, str(CAR.version).split()[0]) == ("algorithmicMedia", "illustrator")
    again = plan_of(msgspec.json.decode(msgspec.json.encode(CAR.plan)), PACK.names)
    assert again == plan()
    job = Job(prompt="", width=128, height=128, seed=0, quality="low")
    order = Order(again.scene, again.seed, Kept(again.places, again.stage))
    assert delivered(job, order, PACK, Reporter(job, quiet)).data == CAR.data


def told(picture: Picture, prompt: str) -> Scene:
    """Give the scene that an instruction makes of a picture's."""
    return changed(plan(picture).scene, prompt, vocabulary(PACK)).draft.settled()


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2}, {"scene": 1}, {"spots": [[99] * 14]}, {"width": 0}, {"seed": "x"}, {"retouch": None},
        {"scene": {"prompt": "", "subjects": [{"art": "no such drawing", "name": "it"}]}},
    ],
    ids=str,
)  # fmt: skip
def test_a_plan_that_cannot_be_read_is_none(change: dict[str, Any]) -> None:
    assert CAR.plan is not None
    assert plan_of(CAR.plan | change, PACK.names) is None


@pytest.mark.parametrize("prompt", ["at night", "in the rain", "as a watercolour"])
def test_another_light_or_medium_leaves_everybody_in_their_place(prompt: str) -> None:
    picture = edited(CAR, prompt)
    assert np.abs(pixels(picture) - pixels(CAR)).mean() > 5
    assert np.abs(np.array(boxes(picture)) - boxes(CAR)).max() <= 1
    assert picture.data == edited(CAR, prompt).data


def test_a_colour_is_changed_where_the_thing_is() -> None:
    picture = edited(CAR, "make the car blue")
    (x0, y0, x1, y1), changed = boxes(CAR, "car")[0], pixels(picture)
    assert boxes(picture) == boxes(CAR)
    inside = changed[y0:y1, x0:x1].reshape(-1, 3)
    assert (inside[:, 2] > inside[:, 0] + 60).mean() > 0.2
    assert np.abs(changed - pixels(CAR))[: y0 - 8].mean() < 2


@pytest.mark.parametrize(
    ("base", "prompt", "shown"),
    [
        (CAR, "add two birds", {"bird": 2, "car": 1, "tree": 1}),
        (CAR, "Please remove the tree!", {"car": 1}),
        (CAR, "replace the tree with a house and make it snow", {"car": 1, "house": 1}),
        (CAR, "make the tree a lamp, at night", {"car": 1, "lamp": 1}),
        (CAR, "a dog instead of the car", {"dog": 1, "tree": 1}),
        (CAR, "replace the car with three flying birds", {"bird": 3, "tree": 1}),
        (CAR, "with a dog on the left, without the tree", {"car": 1, "dog": 1}),
        (CAR, "make it three cars", {"car": 3, "tree": 1}),
        (CAR, "delete everything", {}),
        (CAR, "add a dog to the right, a fox", {"car": 1, "dog": 1, "fox": 1, "tree": 1}),
        (CAR, "change the car to a giant car in the rain", {"car": 1, "tree": 1}),
        (CAR, "remove the night and add a moonlit bench", {}),
        (CAT, "put a hat on the cat", {"cat": 1, "couch": 1, "top hat": 1}),
        (CAT, "give the cat a scarf, add a dog", {"cat": 1, "couch": 1, "dog": 1, "scarf": 1}),
        (CAT, "take the cat away", {"couch": 1}),
        (CAT, "turn the cat into a fox", {"couch": 1, "fox": 1}),
        (CAT, "add another cat", {"cat": 2, "couch": 1}),
        (CAT, "make the cat wear a crown and move the sofa to the left", {"cat": 1, "couch": 1, "crown": 1}),
        (TABLE, "remove one apple", {"apple": 1, "sign": 1}),
        (TABLE, "make it five apples", {"apple": 5, "sign": 1}),
        (TABLE, "swap the apples for pears", {"pear": 2, "sign": 1}),
        (TABLE, "add two green apples, remove two of the apples", {"apple": 2, "sign": 1}),
    ],
)
def test_what_comes_goes_and_is_exchanged_is_counted(base: Picture, prompt: str, shown: dict[str, int]) -> None:
    if not shown and "everything" not in prompt:
        with pytest.raises(ApiNotImplemented):
            told(base, prompt)
        return
    counts: dict[str, int] = {}
    for subject in told(base, prompt).subjects:
        counts[subject.name] = counts.get(subject.name, 0) + subject.count
    assert counts == shown


@pytest.mark.parametrize(
    ("prompt", "field", "value"),
    [
        ("make it golden hour", "time", "golden"), ("under the stars", "time", "night"),
        ("with a moon", "time", "night"),
        ("make it spooky", "weather", "fog"), ("it should be raining", "weather", "rain"), ("anime", "medium", "anime"),
        ("move it to the moon", "setting", "moon"), ("in a forest", "setting", "forest"), ("nachts", "time", "night"),
        ("change the season to autumn", "details", ("autumn",)),
        ("in blue and gold tones", "palette", ("blue", "gold")),
        ("make it melancholy", "weather", "rain"), ("make the background blue", "setting", "studio"),
        ("turn day into night", "time", "night"), ("put the car and the tree in a city", "setting", "city"),
    ],
)  # fmt: skip
def test_signs_of_the_whole_picture_are_taken_up(prompt: str, field: str, value: object) -> None:
    now = told(CAR, prompt)
    assert getattr(now, field) == value
    assert [subject.name for subject in now.subjects] == ["car", "tree"]


@pytest.mark.parametrize(
    ("scene", "prompt", "now"),
    [
        ("a red car in the fog", "remove the fog", "A red car in a city."),
        ("a cat in blue tones", "remove the blue tones", "A cat in a room."),
        ("a woman in a garden", "make her dark-skinned", "A dark-skinned woman in a garden."),
        (
            "a red apple and a green apple",
            "make the red apple yellow",
            "A yellow apple and a green apple on a wooden table.",
        ),
        ("a black cat in a meadow", "make the cat white", "A white cat in a meadow."),
        ("a fox in a forest", "put a crown on the fox", "A fox wearing a crown in a forest."),
        ("a fox in a forest", "make it much bigger", "A giant fox in a forest."),
        ("a fox in a forest", "make it huge", "A giant fox in a forest."),
        ("a fox in a forest", "make it blue", "A blue fox in a forest."),
        ("a fox in a forest", "make it a wooden fox", "A wooden fox in a forest."),
        ("a cat in a hat", "remove the cat and add a dog", "A dog in a room."),
        ("a pig in a meadow", "make it a flying pig", "A pig over a meadow."),
        ("a cat left of a dog", "move the cat to the right of the dog", "A cat to the right of a dog in a meadow."),
        ("two cats on a sofa", "remove one cat", "A cat on a couch in a room."),
    ],
)
def test_what_somebody_is_and_does_is_changed(scene: str, prompt: str, now: str) -> None:
    edit = changed(read(scene, PACK), prompt, vocabulary(PACK))
    assert tell(edit.draft.settled()) == now


def test_a_place_for_what_comes_is_no_place_for_the_whole_picture() -> None:
    assert told(CAR, "as a watercolour, add three birds in the sky").setting == "meadow"


def test_whoever_is_not_named_stays_when_others_come_and_go() -> None:
    car = boxes(CAR, "car")
    for prompt in ("remove the tree", "add two birds", "replace the tree with a lamp"):
        assert boxes(edited(CAR, prompt), "car") == car
    assert boxes(edited(CAT, "put a hat on the cat"), "couch") == boxes(CAT, "couch")
    on_the_floor = edited(CAT, "remove the sofa")
    assert boxes(on_the_floor, "cat")[0][3] > boxes(CAT, "cat")[0][3] + 10


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ('change the text to "BUY"', ("BUY",)), ('replace "EAT" with "RUN"', ("RUN",)), ("remove the text", ()),
        ('add the words "NOW, and add a dog"', ("EAT", "NOW, and add a dog")), ('delete the words "EAT"', ()),
        ("make the caption say 'HI'", ("HI",)),
    ],
)  # fmt: skip
def test_lettering_is_changed(prompt: str, text: tuple[str, ...]) -> None:
    assert told(TABLE, prompt).text == text
    with pytest.raises(ApiNotImplemented, match="EAT"):
        told(TABLE, 'replace "FOO" with "BAR"')


def test_edits_chain_and_keep_what_came_before() -> None:
    picture = CAR
    for prompt in ("add two birds", "at night", "make the car yellow", "mirror it", "in a forest"):
        picture = edited(picture, prompt)
    assert names(picture) == {"bird": 2, "car": 1, "tree": 1}
    now = plan(picture)
    assert (now.scene.time, now.scene.setting, now.retouch.mirrored) == ("night", "forest", True)
    assert picture.revised_prompt == ("A yellow car, a tree and two birds in a forest at night. Printed mirrored.")


def test_a_side_and_a_size_are_taken_up() -> None:
    beside = edited(CAR, "add a dog to the left of the tree")
    assert boxes(beside, "dog")[0][0] < boxes(beside, "tree")[0][0]
    moved, bigger = edited(CAT, "move the sofa to the left"), edited(CAR, "make the car smaller")
    assert boxes(moved, "cat")[0][0] < boxes(CAT, "cat")[0][0] - 5
    (x0, _, x1, _), (a0, _, a1, _) = boxes(CAR, "car")[0], boxes(bigger, "car")[0]
    assert a1 - a0 < 0.85 * (x1 - x0)


def test_another_size_shape_and_a_title_keep_the_order() -> None:
    for more in ({"width": 160}, {"width": 96}, {"prompt": "as a travel poster titled 'GO'"}):
        wanted: dict[str, Any] = {"prompt": "at night"} | more
        picture = edited(CAR, **wanted)
        assert boxes(picture, "car")[0][0] < boxes(picture, "tree")[0][0]
        assert picture.width == wanted.get("width", 128)


def test_outside_a_mask_every_pixel_stays_and_who_comes_is_within() -> None:
    box = (10, 64, 60, 124)
    picture = edited(CAR, "add a dog", mask=mask((128, 128), box))
    changed = np.abs(pixels(picture) - pixels(CAR)).max(axis=2) > 0
    inside = np.zeros_like(changed)
    inside[box[1] : box[3], box[0] : box[2]] = True
    assert changed[inside].any()
    assert not changed[~inside].any()
    (x0, y0, x1, y1) = boxes(picture, "dog")[0]
    assert x0 >= box[0] - 2
    assert (x1 <= box[2] + 2, y0 >= box[1] - 2, y1 <= box[3] + 2) == (True, True, True)
    assert names(picture) == {"car": 1, "dog": 1, "tree": 1}
    assert picture.plan is not None


def test_who_is_described_in_a_mask_takes_the_place_of_whom_it_covers() -> None:
    x0, y0, x1, y1 = boxes(CAR, "car")[0]
    picture = edited(CAR, "a horse", mask=mask((128, 128), (max(0, x0 - 6), y0 - 20, x1 + 6, min(128, y1 + 6))))
    assert names(picture) == {"horse": 1, "tree": 1}
    # Half a night is no scene that could be painted again.
    assert edited(CAR, "at night", mask=mask((128, 128), (0, 0, 64, 128))).plan is None


def test_the_background_can_be_cut_away() -> None:
    assert edited(CAR, "remove the background").revised_prompt == "A red car and a tree on a transparent background."
    with pytest.raises(BadRequest) as refused:
        edited(CAR, "remove the background", output_format="jpeg")
    assert refused.value.param == "background"


def test_others_of_ours_come_together() -> None:
    picture = edited(CAR, "put the cat next to the car", others=(given(drawn("a cat in a meadow")),))
    assert names(picture) == {"car": 1, "cat": 1, "tree": 1}
    assert names(edited(CAR, "combine them", others=(given(drawn("a bird")),))) == {"bird": 1, "car": 1, "tree": 1}
    for first_is_ours in (True, False):
        with pytest.raises(ApiNotImplemented) as refused:
            edited(CAR, "combine", ours=first_is_ours, others=(given(CAT, plan=False),))
        assert refused.value.param == "image"


@pytest.mark.parametrize(
    "prompt",
    [
        "asdf qwer", "keep everything as it is", "make it better", "remove the dog", "make the boat red", "by day",
        "replace the dog with a cat", "make the sky purple", 'remove the words "FOO"', "in colour",
        "move the tree to the shelf of wisdom", "add " + ", ".join(f"a {one}" for one in (
            "dog", "fox", "bird", "horse", "pig", "cow", "goat", "sheep", "lion", "bear", "duck")),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(prompt: str) -> None:
    with pytest.raises(ApiNotImplemented) as refused:
        told(CAR, prompt)
    assert refused.value.param == "prompt"


def test_weather_that_a_place_does_not_show_is_refused() -> None:
    with pytest.raises(ApiNotImplemented, match="Nothing would change"):
        edited(drawn("an apple in the studio"), "in the rain")


def test_a_variation_is_the_same_scene_with_another_seed() -> None:
    picture = edited(CAR, "", seed=9)
    assert names(picture) == names(CAR)
    assert picture.data != CAR.data != edited(CAR, "", seed=3).data
    assert plan(picture).scene == plan().scene


def test_previews_come_as_with_any_picture() -> None:
    steps: list[Step] = []
    job = Job(prompt="at night", operation="edit", images=(given(CAR),), width=96, height=96, seed=1, partial_images=3)
    illustrate(job, PACK, steps.append)
    assert [step.stage for step in steps if step.preview] == ["sketch", "flat", "lit"]
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)


async def test_the_engine_sends_a_worker_only_what_it_needs() -> None:
    engine = Illustrator(workers=1)
    ours = msgspec.structs.replace(given(CAR), data=b"x" * (70 * 1024 * 1024))
    job = Job(prompt="at night", operation="edit", images=(ours,), width=128, height=128, seed=1, quality="low")
    picture = await engine.generate(job, quiet)
    assert picture.data == edited(CAR, "at night").data
    foreign = msgspec.structs.replace(ours, plan=None)
    with pytest.raises(Exception, match="larger, all together") as refused:
        await engine.generate(msgspec.structs.replace(job, images=(foreign,)), quiet)
    assert getattr(refused.value, "code", "") == "request_too_large"
    await engine.close()


def test_an_edit_needs_a_picture() -> None:
    with pytest.raises(BadRequest):
        illustrate(Job(prompt="at night", operation="edit", width=64, height=64, seed=1), PACK, quiet)


def test_clauses_end_at_verbs_and_never_within_quotes() -> None:
    told = clauses(
        'Please make it night, put a hat on the cat and remove the tree, the boat. Add the words "a, and add"'
    )
    assert [one.kind for one in told] == ["say", "add", "remove", "remove", "add"]
    assert told[-1].new == 'the words "a, and add"'
