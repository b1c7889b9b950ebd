"""Callbacks as their receivers see them: what comes, how it is signed, and whom it may go to."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from limner import __version__
from limner.courier import PER_ORIGIN
from limner.credentials import SCOPES
from tests.api.test_bad_input import balance, check
from tests.api.test_images import generate, wait_for
from tests.pictures import measure
from tests.receivers import answer, receiving

if TYPE_CHECKING:
    from limner.acquire import Acquired
    from tests.conftest import Live
    from tests.receivers import Received, Receiver

ASK = "/v1/callbacks/secret"
ROTATE = "/v1/callbacks/secret/rotate"


@pytest.fixture
def server(calling: Live) -> Live:
    """The accounts, keys and clients of these tests are of the server that calls."""
    return calling


def called(client: httpx.Client, receiver: Receiver, **body: Any) -> tuple[dict[str, Any], Received]:
    """Ask for a picture that is to be sent to the receiver; the answer at once, and what came."""
    seen = len(receiver.deliveries)
    given = generate(client, **{"callback_url": receiver.url()} | body)
    assert given.status_code == 200, given.text
    return given.json(), receiver.wait(seen + 1)[seen]


def secret_of(client: httpx.Client) -> str:
    secret: str = client.get(ASK).json()["secret"]
    return secret


def verified(secret: str, received: Received) -> bool:
    """Whether both libraries take it for genuine; they must be of one mind."""
    official = openai.OpenAI(api_key="x", webhook_secret=secret)
    try:
        Webhook(secret).verify(received.body, received.headers)
    except WebhookVerificationError:
        with pytest.raises(openai.InvalidWebhookSignatureError):
            official.webhooks.verify_signature(received.body, received.headers)
        return False
    official.webhooks.verify_signature(received.body, received.headers)
    return True


def test_the_answer_at_once_is_three_fields_and_the_callback_brings_links(
    client: httpx.Client, receiver: Receiver
) -> None:
    given, received = called(client, receiver, n=2, size="96x64", response_format="url")
    assert given == {"task_id": given["task_id"], "trace_id": given["trace_id"], "success": True}
    record = wait_for(client, given["task_id"])
    told = record["response"]
    assert received.json() == {
        "success": True,
        "task_id": given["task_id"],
        "trace_id": given["trace_id"],
        "data": {"created": told["created"], "data": told["data"]},
    }
    assert isinstance(received.json()["data"]["created"], int)
    for picture in received.json()["data"]["data"]:
        assert set(picture) == {"url", "revised_prompt"}
        assert measure(httpx.get(picture["url"]).content) == ("png", 96, 64)


def test_bytes_come_where_they_were_asked_for(client: httpx.Client, receiver: Receiver) -> None:
    _, received = called(client, receiver, size="96x64", response_format="b64_json")
    (picture,) = received.json()["data"]["data"]
    assert set(picture) == {"b64_json", "revised_prompt"}
    assert measure(base64.b64decode(picture["b64_json"])) == ("png", 96, 64)


def test_pictures_in_callbacks_are_links_unless_bytes_were_asked_for(client: httpx.Client, receiver: Receiver) -> None:
    _, received = called(client, receiver, model="limner-illustrator", size="64x64", quality="low")
    assert "url" in received.json()["data"]["data"][0]


@pytest.mark.parametrize("code", ["api_error", "moderation_blocked", "timeout", "upstream_error"])
def test_a_failure_comes_as_a_code_and_a_message(
    server: Live, account: Acquired, client: httpx.Client, receiver: Receiver, code: str
) -> None:
    given, received = called(client, receiver, prompt=f"fail:{code}", trace_id="order 7")
    error = wait_for(client, given["task_id"])["response"]["error"]
    assert received.json() == {
        "success": False,
        "task_id": given["task_id"],
        "trace_id": "order 7",
        "error": {"code": code, "message": error["message"]},
    }
    assert verified(secret_of(client), received)
    assert balance(server, account) == account.balance


def test_a_cancelled_task_is_called_back_about_too(
    server: Live, account: Acquired, client: httpx.Client, receiver: Receiver
) -> None:
    given = generate(client, prompt="delay:60", callback_url=receiver.url()).json()
    assert receiver.deliveries == []
    client.post(f"/v1/tasks/{given['task_id']}/cancel").raise_for_status()
    (received,) = receiver.wait(1)
    assert received.json() == {
        "success": False,
        "task_id": given["task_id"],
        "trace_id": given["trace_id"],
        "error": {"code": "conflict", "message": "The task was cancelled. Nothing was charged."},
    }
    assert balance(server, account) == account.balance


def test_the_trace_id_is_kept_and_the_headers_are_those_of_standard_webhooks(
    client: httpx.Client, receiver: Receiver
) -> None:
    given, received = called(client, receiver, trace_id="order-77")
    assert given["trace_id"] == received.json()["trace_id"] == "order-77"
    headers = received.headers
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == f"limner/{__version__}"
    assert headers["webhook-id"].startswith("msg_")
    assert abs(int(headers["webhook-timestamp"]) - received.at) < 60
    assert headers["webhook-signature"].startswith("v1,")


def test_a_signature_is_for_these_bytes_and_this_application_alone(
    server: Live, client: httpx.Client, receiver: Receiver
) -> None:
    _, received = called(client, receiver)
    assert verified(secret_of(client), received)
    altered = type(received)(received.path, received.headers, received.body + b" ", received.at)
    assert not verified(secret_of(client), altered)
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {server.acquire().key}"}) as stranger:
        assert secret_of(stranger) != secret_of(client)
        assert not verified(secret_of(stranger), received)


def test_a_secret_stays_the_same_and_is_not_kept_by_anyone_on_the_way(client: httpx.Client) -> None:
    first, second = client.get(ASK), client.get(ASK)
    assert first.json() == second.json()
    assert set(first.json()) == {"application_id", "secret", "rotations", "previous_until"}
    assert (first.json()["rotations"], first.json()["previous_until"]) == (0, None)
    assert first.headers["cache-control"] == "no-store"
    assert len(base64.b64decode(first.json()["secret"].removeprefix("whsec_"))) == 32


def test_a_rotation_lets_both_secrets_sign_for_a_while(client: httpx.Client, receiver: Receiver) -> None:
    old = secret_of(client)
    rotated = client.post(ROTATE).json()
    assert rotated["secret"] == secret_of(client) != old
    assert rotated["rotations"] == 1
    _, received = called(client, receiver)
    assert received.headers["webhook-signature"].count("v1,") == 2
    assert verified(old, received)
    assert verified(rotated["secret"], received)
    assert 86_000 < rotated["previous_until"] - received.at < 87_000


def test_after_the_overlap_only_the_new_secret_signs(client: httpx.Client, receiver: Receiver) -> None:
    old = secret_of(client)
    rotated = client.post(ROTATE, json={"overlap": 1}).json()
    assert rotated["previous_until"] is not None
    while client.get(ASK).json()["previous_until"] is not None:
        pass
    _, received = called(client, receiver)
    assert received.headers["webhook-signature"].count("v1,") == 1
    assert not verified(old, received)
    assert verified(rotated["secret"], received)


def test_a_rotation_without_overlap_takes_effect_at_once(client: httpx.Client, receiver: Receiver) -> None:
    old = secret_of(client)
    rotated = client.post(ROTATE, json={"overlap": 0}).json()
    assert rotated["previous_until"] is None
    _, received = called(client, receiver)
    assert not verified(old, received)
    assert verified(rotated["secret"], received)


def test_a_second_rotation_ends_the_first_secret(client: httpx.Client, receiver: Receiver) -> None:
    secrets = [secret_of(client), client.post(ROTATE).json()["secret"], client.post(ROTATE).json()["secret"]]
    _, received = called(client, receiver)
    assert [verified(secret, received) for secret in secrets] == [False, True, True]


@pytest.mark.parametrize(
    ("overlap", "words"),
    [(-1, "from 0 to 2592000"), (2_592_001, "from 0 to 2592000"), ("soon", "an integer"), (1.5, "an integer")],
)
def test_a_bad_overlap_is_named_and_changes_nothing(client: httpx.Client, overlap: Any, words: str) -> None:
    before = secret_of(client)
    check(client.post(ROTATE, json={"overlap": overlap}), 400, "bad_request", "overlap", words)
    assert secret_of(client) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ASK),
        ("POST", ROTATE),
        ("POST", "/v1/callbacks/test"),
        ("GET", "/v1/deliveries"),
        ("GET", "/v1/deliveries/msg_1"),
        ("POST", "/v1/deliveries/msg_1/redeliver"),
        ("POST", "/v1/deliveries/redeliver"),
    ],
)
def test_only_a_key_that_may_manage_callbacks_gets_in(server: Live, method: str, path: str) -> None:
    scopes = tuple(scope for scope in SCOPES if scope != "callbacks.manage")
    headers = {"authorization": f"Bearer {server.acquire(scopes=scopes).key}"}
    check(httpx.request(method, server.url + path, headers=headers), 400, "token_mismatched", None, "callbacks.manage")
    check(httpx.request(method, server.url + path), 401, "no_token", None)


def test_the_id_is_the_same_at_every_attempt_and_the_timestamp_fresh(client: httpx.Client, receiver: Receiver) -> None:
    url = receiver.on("/flaky", answer(500), answer(500), answer(200))
    called(client, receiver, callback_url=url)
    three = receiver.wait(3)
    assert len({one.headers["webhook-id"] for one in three}) == 1
    assert len({one.body for one in three}) == 1
    stamps = [int(one.headers["webhook-timestamp"]) for one in three]
    assert stamps == sorted(stamps)
    assert all(verified(secret_of(client), one) for one in three)


def test_a_form_can_name_a_callback_too(client: httpx.Client, receiver: Receiver) -> None:
    fields = {"model": "limner-sandbox", "prompt": "a fox", "callback_url": receiver.url()}
    given = client.post("/openai/images/generations", files={name: (None, value) for name, value in fields.items()})
    assert set(given.json()) == {"task_id", "trace_id", "success"}
    assert receiver.wait(1)[0].json()["task_id"] == given.json()["task_id"]


def test_a_repeated_call_is_called_back_once(client: httpx.Client, receiver: Receiver) -> None:
    headers = {"idempotency-key": "once"}
    first = generate(client, headers=headers, callback_url=receiver.url()).json()
    again = generate(client, headers=headers, callback_url=receiver.url()).json()
    assert first == again
    wait_for(client, first["task_id"])
    last, _ = called(client, receiver)
    assert [one.json()["task_id"] for one in receiver.wait(2)] == [first["task_id"], last["task_id"]]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/hook",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://0x7f000001.example:22/",
        "ftp://example.com/",
        "hook",
        "",
        "http://user:word@example.com/",
    ],
)
@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/callbacks/test"])
def test_where_a_callback_must_not_go_is_refused_at_once(
    server: Live, account: Acquired, client: httpx.Client, path: str, url: str
) -> None:
    body = {"model": "limner-sandbox", "prompt": "a fox", "callback_url": url}
    check(client.post(path, json=body), 400, "bad_request", "callback_url", "callback_url ")
    assert balance(server, account) == account.balance
    assert client.get("/v1/deliveries").json()["data"] == []


def test_a_slow_receiver_delays_nobody_but_itself(client: httpx.Client, receiver: Receiver) -> None:
    with receiving() as slow:
        tasks = [generate(client, callback_url=slow.url("/hang")).json()["task_id"] for _ in range(40)]
        slow.wait(PER_ORIGIN)
        _, received = called(client, receiver)
        assert verified(secret_of(client), received)
        assert generate(client).json()["data"][0]["url"]
        assert len(slow.deliveries) == PER_ORIGIN
        slow.gate.set()
        assert {one.json()["task_id"] for one in slow.wait(40)} == set(tasks)
        for task in tasks:
            while client.get(f"/v1/tasks/{task}").json()["callbacks"][0]["status"] != "delivered":
                pass
