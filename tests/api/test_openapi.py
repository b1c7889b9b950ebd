"""`/openapi.json` describes what there is: every path, every method, every parameter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from starlette.routing import Route

from limner.api import routes
from limner.api.callbacks import Range, Rotation, Trial
from limner.api.openapi import document
from limner.api.tasks import Question
from limner.catalog import Catalogue, Fields
from limner.console.wording import ANSWERS
from tests.api.test_images import generate, wait_for

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Live
    from tests.receivers import Receiver

ITSELF = "/openapi.json"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(document(Catalogue.load(None), "http://127.0.0.1:8080")))
    return whole


def test_every_path_is_described_with_its_method_and_no_other_is(described: dict[str, Any]) -> None:
    there = {
        (route.path, method.lower())
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
        if route.path != ITSELF
    }
    told = {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert told == there


def test_every_parameter_in_a_path_is_named(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            named = [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"]
            assert named == [part[1:-1] for part in path.split("/") if part.startswith("{")]


@pytest.mark.parametrize("kind", [Question, Rotation, Trial, Range])
def test_every_field_of_a_body_says_what_it_means(described: dict[str, Any], kind: Any) -> None:
    schema = described["components"]["schemas"][kind.__name__]
    assert [name for name, part in schema["properties"].items() if not part.get("description")] == []
    assert schema["properties"].keys() == set(kind.__struct_fields__)


def test_what_a_body_must_hold_is_said(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    required = {name: schemas[name]["required"] for name in ("Question", "Rotation", "Trial", "Range")}
    assert required == {
        "Question": ["action"],
        "Rotation": [],
        "Trial": ["callback_url"],
        "Range": ["created_at_min"],
    }
    assert schemas["Question"]["properties"]["action"]["enum"] == ["retrieve", "retrieve_batch"]
    assert schemas["Range"]["properties"]["created_at_min"]["type"] == "number"
    assert described["paths"]["/v1/callbacks/secret/rotate"]["post"]["requestBody"]["required"] is False


@pytest.mark.parametrize("kind", ["Fields", "Edit", "EditForm", "Variation", "VariationForm", "Picture"])
def test_every_parameter_of_a_picture_says_what_it_means(described: dict[str, Any], kind: str) -> None:
    schema = described["components"]["schemas"][kind]
    assert [name for name, part in schema["properties"].items() if not part.get("description")] == []
    assert set(schema["required"]) <= schema["properties"].keys()
    left_out = {
        "Fields": {"input_fidelity"},
        "Variation": {"input_fidelity", "prompt", "stream"},
        "VariationForm": {"input_fidelity", "prompt", "stream"},
    }
    if kind != "Picture":
        taken = {field.encode_name for field in msgspec.structs.fields(Fields)}
        assert taken - schema["properties"].keys() == left_out.get(kind, set())


def test_pictures_come_as_forms_and_go_as_streams(described: dict[str, Any]) -> None:
    edit = described["paths"]["/v1/images/edits"]["post"]
    assert edit["requestBody"]["content"].keys() == {"application/json", "multipart/form-data"}
    assert edit["responses"]["200"]["content"].keys() == {"application/json", "text/event-stream"}


@pytest.fixture
def server(calling: Live) -> Live:
    """The examples are compared with the answers of the server that calls."""
    return calling


def test_the_examples_look_like_real_answers(client: httpx.Client, receiver: Receiver) -> None:
    task = generate(client, callback_url=receiver.url()).json()["task_id"]
    wait_for(client, task)
    (delivery,) = client.get(f"/v1/tasks/{task}").json()["callbacks"]
    while not client.get(f"/v1/deliveries/{delivery['id']}").json()["attempts"]:
        pass
    pending = generate(client, prompt="delay:60", callback_url=receiver.url()).json()["task_id"]
    real = {
        "/v1/tasks": client.get("/v1/tasks"),
        "/v1/tasks/{id}": client.get(f"/v1/tasks/{task}"),
        "/v1/tasks/{id}/cancel": client.post(f"/v1/tasks/{pending}/cancel"),
        "/openai/tasks": client.post("/openai/tasks", json={"action": "retrieve", "id": task}),
        "/v1/callbacks/secret": client.get("/v1/callbacks/secret"),
        "/v1/callbacks/secret/rotate": client.post("/v1/callbacks/secret/rotate"),
        "/v1/callbacks/test": client.post("/v1/callbacks/test", json={"callback_url": receiver.url()}),
        "/v1/deliveries": client.get("/v1/deliveries"),
        "/v1/deliveries/{id}": client.get(f"/v1/deliveries/{delivery['id']}"),
        "/v1/deliveries/{id}/redeliver": client.post(f"/v1/deliveries/{delivery['id']}/redeliver"),
        "/v1/deliveries/redeliver": client.post("/v1/deliveries/redeliver", json={"created_at_min": 0}),
    }
    for path, answer in real.items():
        assert list(answer.json()) == list(ANSWERS[path]), path
    for path in ("/v1/tasks", "/v1/deliveries"):
        assert list(real[path].json()["data"][0]) == list(ANSWERS[path]["data"][0])
    one, told = real["/v1/deliveries/{id}"].json(), ANSWERS["/v1/deliveries/{id}"]
    assert list(one["attempts"][0]) == list(told["attempts"][0])
    assert real["/v1/tasks/{id}"].json()["callbacks"][0].keys() == ANSWERS["/v1/deliveries"]["data"][0].keys()
