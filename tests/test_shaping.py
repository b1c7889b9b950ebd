"""Prompts written anew by a chat model, over HTTP, and what happens when it fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from limner.shaping import INSTRUCTIONS, Chat, Manner, Shaper
from tests.receivers import Behaviour, answer, receiving

if TYPE_CHECKING:
    from tests.receivers import Receiver

PROMPT = "ein roter Fuchs mit einem Schild „Hallo“"
PATH = "/v1/chat/completions"


class Log:
    """Keeps the lines that it is given."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def warning(self, event: str, **more: Any) -> None:
        self.lines.append({"event": event} | more)


def said(content: str | None) -> bytes:
    return answer(200, json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())


async def shaped(receiver: Receiver, *, manner: Manner = "chat", own: Manner | None = None, log: Any = None) -> Any:
    chat = Chat(url=receiver.url("/v1/"), model="small", key="sk-chat", seconds=5.0)
    kept: Any = log or Log()
    shaper = Shaper(manner, chat, kept)
    try:
        return await shaper.shape(PROMPT, own, 60)
    finally:
        await shaper.close()


async def test_a_chat_model_is_asked_in_openais_dialect_and_its_sentence_is_taken() -> None:
    with receiving() as receiver:
        receiver.on(PATH, said("<think>hm</think>\n Ein roter Fuchs hält ein Schild „Hallo“. "))
        assert await shaped(receiver) == "Ein roter Fuchs hält ein Schild „Hallo“."
        (asked,) = receiver.deliveries
    assert asked.headers["authorization"] == "Bearer sk-chat"
    system, user = asked.json()["messages"]
    assert asked.json()["model"] == "small"
    assert system == {"role": "system", "content": INSTRUCTIONS}
    assert user == {"role": "user", "content": PROMPT}
    assert "quotation marks" in INSTRUCTIONS
    assert "language of the user's prompt" in INSTRUCTIONS


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (answer(500, b"oh"), "status 500"),
        (answer(200, b"\xff{"), "no chat completion"),
        (answer(200, b'{"choices": []}'), "empty"),
        (said("  "), "empty"),
        (said(None), "empty"),
        (said("x" * 61), "too long"),
        ("close", "closed"),
    ],
)
async def test_whatever_goes_wrong_the_users_prompt_is_painted(behaviour: Behaviour, reason: str) -> None:
    log = Log()
    with receiving() as receiver:
        receiver.on(PATH, behaviour)
        assert await shaped(receiver, log=log) is None
    assert log.lines == [{"event": "shaping_failed", "chat_model": "small", "reason": reason}]


async def test_a_chat_model_that_is_slow_is_not_waited_for() -> None:
    log = Log()
    with receiving() as receiver:
        receiver.on(PATH, "hang")
        shaper = Shaper("chat", Chat(url=receiver.url("/v1"), model="small", seconds=0.05), log)  # type: ignore[arg-type]
        assert await shaper.shape(PROMPT, None, 100) is None
        with pytest.raises(ValueError, match=r"'small' gives no prompt: There was no full answer within 0\.05 s"):
            await shaper.check()
        await shaper.close()
    assert [line["reason"] for line in log.lines] == ["timeout"]


async def test_a_models_own_manner_wins() -> None:
    with receiving() as receiver:
        receiver.on(PATH, said("a fox"))
        assert await shaped(receiver, manner="chat", own="off") is None
        assert await shaped(receiver, manner="engine") is None
        assert receiver.deliveries == []
        assert await shaped(receiver, manner="off", own="chat") == "a fox"


async def test_what_is_missing_is_said_at_the_start() -> None:
    nobody: Any = Log()
    with pytest.raises(ValueError, match="LIMNER_CHAT_URL: 'ftp://x' is no http or https URL"):
        Shaper("chat", Chat(url="ftp://x", model="small"), nobody)
    with pytest.raises(ValueError, match="needs LIMNER_CHAT_URL and LIMNER_CHAT_MODEL"):
        Shaper("engine", Chat(url="", model=""), nobody).require({None, "chat"})
    idle = Shaper("engine", Chat(url="", model=""), nobody)
    idle.require({None, "off"})
    assert await idle.check() == ""
    await idle.close()


async def test_a_chat_model_that_works_is_well() -> None:
    with receiving() as receiver:
        receiver.on(PATH, said("a red apple on a table"))
        shaper = Shaper("chat", Chat(url=receiver.url("/v1"), model="small"), Log())  # type: ignore[arg-type]
        assert await shaper.check() == "the chat model small"
        assert "authorization" not in receiver.deliveries[0].headers
        await shaper.close()
