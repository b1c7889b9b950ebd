"""The sandbox: its directives, its test cards, and the page that describes them."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from limner.engines.base import Job, Setup, Step
from limner.engines.sandbox import DIRECTIVES, KEPT_CARDS, LONGEST_DELAY, Orders, Sandbox, orders
from limner.errors import ApiError, ApiNotImplemented, BadRequest, LimnerError, ModerationBlocked, Timeout

PAGE = Path(__file__).parents[2] / "docs/sandbox.md"
FAILURES = {name: directive.outcome for name, directive in DIRECTIVES.items() if directive.outcome is not None}


def job(prompt: str = "a lighthouse", **more: object) -> Job:
    return Job(**({"prompt": prompt, "width": 256, "height": 256, "seed": 1} | more))  # type: ignore[arg-type]


def quiet(step: Step) -> None:
    """Progress that nobody watches."""


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("a lighthouse", Orders()),
        ("fail:timeout", Orders(0, Timeout)),
        ("a lighthouse that will Fail:API_Error, at dusk", Orders(0, ApiError)),
        ('"fail:moderation_blocked".', Orders(0, ModerationBlocked)),
        ("delay:2.5 a lighthouse", Orders(2.5)),
        ("wait delay:2. then fail:timeout", Orders(2, Timeout)),
        ("fail:timeout delay:.5", Orders(0.5, Timeout)),
        ("delay:1 delay:2 fail:timeout fail:api_error", Orders(1, Timeout)),
        ("delay:999999999", Orders(LONGEST_DELAY)),
        ("never failfail:xyz nor undelay:soon; they fail: too, after a delay: always", Orders()),
    ],
)
def test_a_prompt_is_read_for_directives(prompt: str, told: Orders) -> None:
    assert orders(prompt) == told


@pytest.mark.parametrize("prompt", ["fail:xyz", "fail:?", "fail:timeout fail:xyz"])
def test_an_unknown_failure_is_refused_and_the_known_ones_are_named(prompt: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        orders(prompt)
    assert refusal.value.param == "prompt"
    assert all(f"`{name}`" in refusal.value.message for name in FAILURES)


@pytest.mark.parametrize("word", ["soon", "?", "-1", "1e3", "nan", "inf", "٣", "1.2.3", "9" * 400])
def test_a_delay_that_is_no_number_of_seconds_is_refused(word: str) -> None:
    with pytest.raises(BadRequest, match=r"delay:2\.5"):
        orders(f"a lighthouse delay:{word}")


@pytest.mark.parametrize(("name", "error"), FAILURES.items())
async def test_a_failure_asked_for_is_raised(name: str, error: type[LimnerError]) -> None:
    with pytest.raises(error):
        await Sandbox().generate(job(f"a lighthouse {name}"), quiet)


async def test_a_delay_is_waited_for_in_quarters_and_before_the_failure() -> None:
    steps: list[Step] = []
    with pytest.raises(Timeout):
        await Sandbox().generate(job("fail:timeout delay:0.02"), steps.append)
    assert steps == [Step("waiting", quarter / 4) for quarter in range(4)]


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
async def test_other_formats_than_png_are_not_offered(output_format: str) -> None:
    with pytest.raises(ApiNotImplemented) as refusal:
        await Sandbox().generate(job(output_format=output_format), quiet)
    assert refusal.value.param == "output_format"


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (301, 7), (256, 256), (1024, 1024)])
async def test_a_card_is_a_small_sound_png_of_the_size_asked_for(size: tuple[int, int]) -> None:
    picture = await Sandbox().generate(job(width=size[0], height=size[1], seed=77), quiet)
    assert len(picture.data) < 10_000
    with Image.open(io.BytesIO(picture.data)) as read:
        read.load()  # which checks every checksum
        assert (read.format, read.size, read.info["limner:seed"]) == ("PNG", size, "77")


async def test_a_transparent_card_is_clear_in_the_light_stripes_only() -> None:
    picture = await Sandbox().generate(job(background="transparent"), quiet)
    with Image.open(io.BytesIO(picture.data)) as read:
        alpha = read.convert("RGBA").getchannel("A")
    assert alpha.getpixel((128, 128)) == 255
    assert alpha.getpixel((1, 1)) == 0
    assert alpha.getextrema() == (0, 255)


async def test_sizes_are_kept_up_to_a_number() -> None:
    sandbox = Sandbox()
    for width in range(1, KEPT_CARDS + 3):
        await sandbox.generate(job(width=width, height=1), quiet)
    assert len(sandbox._cards) == KEPT_CARDS
    assert (1, 1) not in sandbox._cards


async def test_it_says_what_it_is() -> None:
    sandbox = Sandbox(Setup(workers=2))
    await sandbox.start()
    assert (sandbox.name, sandbox.slots, (await sandbox.check()).ok) == ("sandbox", 1000, True)
    picture = await sandbox.generate(job(), quiet)
    assert picture.revised_prompt == "A sandbox test card, 256 by 256 pixels."


def test_it_needs_nothing_but_the_standard_library_and_msgspec() -> None:
    check = "import sys, limner.engines.sandbox; print({'numpy', 'cv2', 'PIL'} & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def sections() -> dict[str, str]:
    """Give the page's sections on directives: name -> text."""
    found = re.findall(r"^### `(.+?)`\n(.*?)(?=^##|\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return dict(found)


def test_the_page_has_every_directive_and_no_other() -> None:
    assert list(sections()) == list(DIRECTIVES)


@pytest.mark.parametrize("name", DIRECTIVES)
def test_the_page_says_what_a_directive_does(name: str) -> None:
    directive, section = DIRECTIVES[name], sections()[name]
    result = f"`{directive.outcome.code}` | {directive.outcome.default_status}" if directive.outcome else "none"
    assert directive.description in section
    assert f"| `{name}` | {directive.description} | {result}" in PAGE.read_text()
    (prompt,) = re.findall(r'curl .*"prompt": "(.*?)"', section, re.DOTALL)
    assert orders(prompt).failure is directive.outcome
    assert name in prompt
