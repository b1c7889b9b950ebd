"""Policies: word lists, endpoints for prompts and pictures, hooks, and what is done where there is no verdict."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from limner.catalog import Catalogue, CatalogueError
from limner.errors import ModerationBlocked, UpstreamError
from limner.moderation import Moderation
from limner.policies import Blocklist
from tests.receivers import Behaviour, answer, receiving
from tests.test_shaping import Log

if TYPE_CHECKING:
    from pathlib import Path

    from tests.receivers import Receiver

LIST = Blocklist(["Café", "naked ape", "", "don't", "裸体", "ちんこ", "שלום", "ﬁre"])


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a CAFE in Paris", True),
        ("a café,please", True),
        ("cafe\u0301s and a ca\u200bfe", True),
        ("a cafeteria", False),
        ("a Naked  APE!", True),
        ("the naked, ape", True),
        ("naked apes", False),
        ("the ape is naked", False),
        ("a sign: DON'T", True),
        ("一张裸体的画", True),
        ("ちんこ", True),
        ("שָׁלוֹם", True),
        ("on fire", True),
        ("", False),
    ],
)
def test_words_are_found_whole_in_any_case_with_or_without_accents(prompt: str, *, found: bool) -> None:
    assert LIST.has(prompt) is found


def moderation(log: Log | None = None, **tables: Any) -> Moderation:
    kept: Any = log or Log()
    return Moderation(tables, kept)


def verdict(**more: Any) -> bytes:
    return answer(200, json.dumps({"id": "modr-1", "results": [{"flagged": False} | more]}).encode())


async def test_a_word_list_refuses_and_tells_its_name_but_not_the_word(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("gibbon\n\n", "utf-8")
    judging = moderation(mine={"kind": "words", "words": ["ape"], "file": str(tmp_path / "words.txt")})
    await judging.judge_prompt(("mine",), "a monkey")
    await judging.judge_prompt((), "an ape")
    for prompt in ("an ape", "two Gibbon"):
        with pytest.raises(ModerationBlocked) as refused:
            await judging.judge_prompt(("mine",), prompt)
        assert (refused.value.policy, refused.value.param) == ("mine", "prompt")
        assert "'mine'" in refused.value.message
        assert "gibbon" not in refused.value.message
    assert not judging.sees(("mine",))
    assert await judging.check() == "mine"


SCORES = {"violence": 0.4, "sexual": None}
FLAGS = {"violence": True, "sexual": False}


@pytest.mark.parametrize(
    ("table", "result", "refused"),
    [
        ({}, {"flagged": True}, True),
        ({}, {}, False),
        ({"categories": ["violence"]}, {"categories": FLAGS}, True),
        ({"categories": ["sexual"]}, {"flagged": True, "categories": FLAGS}, False),
        ({"threshold": 0.4}, {"category_scores": SCORES}, True),
        ({"threshold": 0.5}, {"flagged": True, "category_scores": SCORES}, False),
        ({"threshold": 0.1, "categories": ["sexual"]}, {"category_scores": SCORES}, False),
    ],
)
async def test_an_endpoint_judges_prompts(
    table: dict[str, Any], result: dict[str, Any], *, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_KEY", "sk-judge")
    with receiving() as receiver:
        receiver.on("/v1/moderations", verdict(**result))
        table = {"kind": "endpoint", "url": receiver.url("/v1"), "key": "env:JUDGE_KEY", "model": "omni"} | table
        judging = moderation(far=table)
        await judging.judge_picture(("far",), b"", "image/png")
        if refused:
            with pytest.raises(ModerationBlocked, match="'far'"):
                await judging.judge_prompt(("far",), "a fight")
        else:
            await judging.judge_prompt(("far",), "a fight")
        await judging.close()
        (asked,) = receiver.deliveries
    assert asked.headers["authorization"] == "Bearer sk-judge"
    assert asked.json() == {"input": "a fight", "model": "omni"}


async def test_an_endpoint_and_a_hook_judge_pictures() -> None:
    with receiving() as receiver:
        receiver.on("/v1/moderations", verdict(flagged=True))
        receiver.on(
            "/judge", answer(200, b'{"allow": true}'), answer(200, b'{"allow": false, "reason": "Too\\nblue."}')
        )
        judging = moderation(
            seen={"kind": "picture", "url": receiver.url("/v1")}, ours={"kind": "hook", "url": receiver.url("/judge")}
        )
        assert judging.sees(("seen",))
        await judging.judge_prompt(("seen", "ours"), "a fight")
        await judging.judge_picture(("ours",), b"PNG", "image/png")
        with pytest.raises(
            ModerationBlocked, match=r"The picture was refused by the policy 'ours'. Too blue\."
        ) as told:
            await judging.judge_picture(("ours",), b"PNG", "image/png")
        assert told.value.param is None
        with pytest.raises(ModerationBlocked, match="'seen'"):
            await judging.judge_picture(("ours", "seen")[1:], b"PNG", "image/png")
        await judging.close()
        hook, _, shown = receiver.deliveries
    assert (hook.body, hook.headers["content-type"]) == (b"PNG", "image/png")
    url = f"data:image/png;base64,{base64.b64encode(b'PNG').decode()}"
    assert shown.json() == {"input": [{"type": "image_url", "image_url": {"url": url}}]}


def tables(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {
        "far": {"kind": "endpoint", "url": receiver.url("/v1")} | more,
        "ours": {"kind": "hook", "url": receiver.url("/judge")},
    }


@pytest.mark.parametrize(
    ("behaviour", "more", "reason"),
    [
        (answer(503), {}, "status 503"),
        (answer(200, b'{"results": []}'), {}, "no verdict"),
        (verdict(), {"categories": ["violence"]}, "categories missing"),
        (verdict(), {"threshold": 0.5}, "categories missing"),
        ("hang", {"timeout": 0.05}, "timeout"),
    ],
)
async def test_without_a_verdict_the_table_says_what_is_done(
    behaviour: Behaviour, more: dict[str, Any], reason: str
) -> None:
    with receiving() as receiver:
        receiver.on("/v1/moderations", behaviour)
        log = Log()
        judging = moderation(log, **tables(receiver, **more))
        with pytest.raises(UpstreamError, match="'far' could not be asked about the prompt"):
            await judging.judge_prompt(("far",), "a secret")
        with pytest.raises(ValueError, match="the policy 'far' gives no verdict"):
            await judging.check()
        await judging.close()
        lenient = moderation(log, **tables(receiver, on_failure="allow", **more))
        await lenient.judge_prompt(("far",), "a secret")
        await lenient.close()
    assert [line["reason"] for line in log.lines] == [reason, reason]
    assert "secret" not in str(log.lines)


async def test_policies_that_judge_are_well() -> None:
    with receiving() as receiver:
        receiver.on("/v1/moderations", verdict())
        receiver.on("/judge", answer(200, b'{"allow": true}'))
        judging = moderation(**tables(receiver))
        assert await judging.check() == "far, ours"
        await judging.close()
        picture = receiver.at("/judge")[0].body
    assert picture.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[moderation.a]\nkind = "oracle"', r"\[moderation.a\]: Invalid value 'oracle'"),
        ('[moderation.a]\nkind = "words"', r"\[moderation.a\]: it needs `words` or a `file`"),
        ('[moderation.a]\nkind = "hook"\nurl = "file:///x"', "url must be an http or https URL"),
        ('[moderation.a]\nkind = "hook"\nurl = "http://x"\nkey = "sk-1"', "key must name a variable"),
        ('[moderation.a]\nkind = "hook"\nurl = "http://x"\nmodel = "m"', "unknown field `model`"),
        ('[models.dall-e-3]\nmoderation = ["b"]', r"\[models.dall-e-3\]: there is no policy \[moderation.b\]"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_when_it_is_read(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "models.toml").write_text(text, "utf-8")
    with pytest.raises(CatalogueError, match=said) as wrong:
        Catalogue.load(tmp_path / "models.toml")
    assert "sk-1" not in str(wrong.value)


def test_a_policy_that_lacks_its_key_or_its_file_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    with pytest.raises(ValueError, match=r"\[moderation.a\]: key: there is no variable JUDGE_KEY"):
        moderation(a={"kind": "hook", "url": "http://x", "key": "env:JUDGE_KEY"})
    with pytest.raises(ValueError, match=r"\[moderation.a\]: cannot read /none: No such file"):
        moderation(a={"kind": "words", "file": "/none"})
