"""Whatever comes in, the answer is a picture or the error envelope: never a fault of ours, never another shape."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.catalog import Fields
from tests.api.test_bad_input import check

if TYPE_CHECKING:
    from tests.conftest import Live

PATH = "/v1/images/generations"
NAMES = [name for name in Fields.__struct_fields__ if name != "is_async"]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=60)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
LIKELY = st.sampled_from(
    ["url", "b64_json", "hd", "vivid", "png", "jpeg", "transparent", "auto", "1x1", "64x64", "low"]
)
ENTRIES = st.dictionaries(
    st.sampled_from(NAMES) | st.text(max_size=12), VALUES | LIKELY | st.integers(-1, 11), max_size=8
)
slowly = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def judge(answer: httpx.Response) -> None:
    if answer.status_code == 200:
        assert answer.json()["data"] if "data" in answer.json() else answer.json()["task_id"]
    else:
        assert answer.status_code in {400, 404, 413, 429}, answer.text
        check(answer, answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["param"])


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@slowly
@given(entries=ENTRIES)
def test_any_json_object(client: httpx.Client, entries: dict[str, Any]) -> None:
    whole = entries | {"model": "limner-sandbox"}
    if isinstance(whole.get("prompt"), str) and "delay:" in whole["prompt"]:
        whole["prompt"] = "a fox"
    judge(client.post(PATH, content=json.dumps(whole), headers={"content-type": "application/json"}))


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@slowly
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(["application/json", "multipart/form-data; boundary=b", "x/y", ""]),
)
def test_any_bytes(client: httpx.Client, body: bytes, kind: str) -> None:
    judge(client.post(PATH, content=body, headers={"content-type": kind}))


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@slowly
@given(header=st.text(st.characters(codec="latin-1", exclude_categories=["Cc", "Cs"]), max_size=80))
def test_any_credential(server: Live, header: str) -> None:
    answer = httpx.post(server.url + PATH, headers=[(b"authorization", f"Bearer {header}".strip().encode("latin-1"))])
    check(answer, 401, "invalid_token", None)


def test_a_body_that_breaks_off_costs_nothing(server: Live, key: str) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(
            f"POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: 90\r\n\r\n{{".encode()
        )
    assert httpx.get(server.url + "/healthz").status_code == 200


def test_metrics_count_answers_by_route(client: httpx.Client) -> None:
    client.post(PATH, json={"model": "limner-sandbox", "prompt": "a fox"})
    client.get("/some/path/nobody/knows")
    text = client.get("/metrics").text
    assert 'limner_http_requests_total{route="/v1/images/generations",status="200"}' in text
    assert 'limner_pictures_total{model="limner-sandbox"}' in text
    assert "nobody" not in text
