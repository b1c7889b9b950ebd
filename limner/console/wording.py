"""What the OpenAPI document leaves unsaid: examples to look at, and what the fields of answers mean."""

from __future__ import annotations

from typing import Any

from limner.console import management

BASE = "http://127.0.0.1:8080"
"""Stands in examples for the address of the server that shows them."""

TASK_ID = "01a205d9-1659-7088-91c0-d693ffc1cfac"
TRACE_ID = "01a205d9-1656-71e0-8343-3a9f93f53d08"
PICTURE = "01a205d9-165c-7517-8883-1a34a6c9f82b.png"
LINK = f"{BASE}/v1/files/{PICTURE}?expires=1795480842&signature=4777bdcfd9ab2018..."
DELIVERY_ID = "msg_01a205d916597a8c91c0d693ffc1cfac"
HOOK = "https://example.com/hook"
PROMPT = "a purple elephant to the left of a yellow car in a snowy city at night"
TOLD = "A purple elephant to the left of a yellow car in a snowy city at night."
FINISHED = 1795394442

GROUPS: dict[str, tuple[str, str]] = {
    "images": ("Images", "Pictures from a prompt or from other pictures, in exactly the size asked for."),
    "models": ("Models", "What is on offer, what each model takes and what it costs."),
    "tasks": ("Tasks", "Every call is kept as a task with its story. Asking after one costs nothing."),
    "callbacks": (
        "Callbacks",
        "The secret that signs what is sent to your callback_url, and a test of your receiver.",
    ),
    "deliveries": ("Deliveries", "Every callback with all its attempts, to look at and to make again."),
    "organization": (
        "Usage",
        "What was made and asked for. A project is an application here, a user an account, an API key a credential.",
    ),
    "files": ("Files", "The pictures behind the links of answers. A link works until it expires."),
    "management": ("Management", management.INTRODUCTION),
    "server": ("Server", "For those who run limner. None of these needs a credential."),
}
"""The sections of the reference by the second part of a path: title and introduction.

`management` is all below /api/v1, `server` is the rest.
"""

BODIES: dict[str, dict[str, Any]] = {
    "/v1/images/generations": {"model": "dall-e-3", "prompt": PROMPT, "size": "1792x1024", "quality": "hd", "seed": 7},
    "/v1/images/edits": {"prompt": "paint it as a watercolour at night", "image": LINK, "seed": 7},
    "/v1/images/variations": {"image": LINK, "n": 2},
    "/openai/tasks": {"action": "retrieve", "id": TASK_ID},
    "/v1/callbacks/secret/rotate": {"overlap": 86_400},
    "/v1/callbacks/test": {"callback_url": HOOK},
    "/v1/deliveries/redeliver": {"status": "failed", "created_at_min": FINISHED},
    **management.BODIES,
}
"""What to send, by path, or by method and path."""

PLACES: dict[str, dict[str, str]] = {
    "/v1/models/{id}": {"id": "dall-e-3"},
    "/v1/tasks/{id}": {"id": TASK_ID},
    "/v1/tasks/{id}/cancel": {"id": TASK_ID},
    "/v1/tasks/{id}/events": {"id": TASK_ID},
    "/v1/deliveries/{id}": {"id": DELIVERY_ID},
    "/v1/deliveries/{id}/redeliver": {"id": DELIVERY_ID},
    "/v1/organization/usage/images": {
        "start_time": str(FINISHED // 86_400 * 86_400),
        "bucket_width": "1d",
        "group_by": "model",
        "limit": "31",
    },
    "/v1/files/{name}": {"name": PICTURE, "expires": "1795480842", "signature": "4777bdcfd9ab2018..."},
    **management.PLACES,
}
"""What to put into a path and its query; a query of which nothing is said here is shown with all it may hold."""

VALUES: dict[str, Any] = {
    "created": FINISHED,
    "url": LINK,
    "revised_prompt": TOLD,
    "output_format": "png",
    "task_id": TASK_ID,
    "trace_id": TRACE_ID,
    "success": True,
}
"""Values for examples that are made from a schema, by the field's name."""

LEFT_OUT = {"b64_json", "usage", "warnings"}
"""Fields that an ordinary answer does not carry."""

FAILURE: dict[str, Any] = {
    "success": False,
    "error": {
        "code": "bad_request",
        "message": "'abc' is no size: write WIDTHxHEIGHT, for example 1024x1024.",
        "type": "invalid_request_error",
        "param": "size",
    },
    "trace_id": TRACE_ID,
}
"""What an error looks like."""

_RECORD: dict[str, Any] = {
    "_id": TASK_ID,
    "id": TASK_ID,
    "trace_id": TRACE_ID,
    "type": "images_generations",
    "application_id": "01a205d9-158a-7217-9b46-9ac1db816a62",
    "user_id": "01a205d9-158a-76b6-a584-95952fc38146",
    "credential_id": "01a205d9-158b-703a-b51f-9becb8dd9c53",
    "created_at": FINISHED - 0.9,
    "started_at": FINISHED - 0.9,
    "finished_at": FINISHED + 0.0,
    "duration": 0.9,
    "elapsed": 0.9,
    "status": "completed",
    "cost": 40000,
    "request": {"model": "dall-e-3", "prompt": PROMPT, "n": 1, "size": "1024x1024", "seed": 7},
    "response": {
        "created": FINISHED,
        "data": [{"url": VALUES["url"], "revised_prompt": TOLD}],
        "output_format": "png",
        "success": True,
    },
}
_STORY: list[dict[str, Any]] = [
    {"kind": "created", "at": FINISHED - 0.9},
    {"kind": "begun", "at": FINISHED - 0.9, "detail": {"attempt": 1}},
    {"kind": "completed", "at": FINISHED + 0.0},
]

_DELIVERY: dict[str, Any] = {
    "id": DELIVERY_ID,
    "object": "callback.delivery",
    "task_id": TASK_ID,
    "application_id": _RECORD["application_id"],
    "url": HOOK,
    "status": "delivered",
    "attempt_count": 1,
    "created_at": FINISHED + 0.0,
    "next_attempt_at": None,
    "finished_at": FINISHED + 0.3,
}
_ATTEMPT: dict[str, Any] = {
    "number": 1,
    "at": FINISHED + 0.1,
    "milliseconds": 190,
    "status_code": 200,
    "response": "thanks",
    "problem": None,
}
_TRIED = _DELIVERY | {"attempts": [_ATTEMPT]}
_WHOLE = _RECORD | {"events": _STORY, "queue_position": None, "callbacks": [_DELIVERY]}


def _page(one: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": [one], "has_more": False, "first_id": one["id"], "last_id": one["id"]}


_SECRET: dict[str, Any] = {
    "application_id": _RECORD["application_id"],
    "secret": "whsec_bm90IGEgc2VjcmV0IGF0IGFsbCwganVzdCBhIHNhbXBsZQ==",
    "rotations": 0,
    "previous_until": None,
}

ANSWERS: dict[str, Any] = {
    "/v1/tasks": _page(_RECORD),
    "/v1/tasks/{id}": _WHOLE,
    "/v1/tasks/{id}/cancel": _WHOLE
    | {
        "finished_at": FINISHED + 0.0,
        "status": "cancelled",
        "cost": 0,
        "response": {
            "success": False,
            "error": {
                "code": "conflict",
                "message": "The task was cancelled. Nothing was charged.",
                "type": "invalid_request_error",
                "param": None,
            },
        },
        "events": [*_STORY[:2], {"kind": "cancelled", "at": FINISHED + 0.0}],
        "callbacks": [],
    },
    "/v1/tasks/{id}/events": "event: status\n"
    f'data: {{"type": "status", "task_id": "{TASK_ID}", "status": "in_progress", "queue_position": null, "attempt": 1}}'
    "\n\nevent: progress\n"
    f'data: {{"type": "progress", "task_id": "{TASK_ID}", "picture": 0, "stage": "painting", "fraction": 0.5}}'
    f'\n\nevent: completed\ndata: {{"type": "completed", "task_id": "{TASK_ID}", "task": {{...}}}}',
    "/openai/tasks": _RECORD,
    "/v1/callbacks/secret": _SECRET,
    "/v1/callbacks/secret/rotate": _SECRET | {"rotations": 1, "previous_until": FINISHED + 86_400.0},
    "/v1/callbacks/test": _TRIED | {"task_id": None},
    "/v1/deliveries": _page(_DELIVERY),
    "/v1/deliveries/{id}": _TRIED,
    "/v1/deliveries/{id}/redeliver": _TRIED,
    "/v1/deliveries/redeliver": {"redelivered": 3},
    "/v1/organization/usage/images": {
        "object": "page",
        "data": [
            {
                "object": "bucket",
                "start_time": FINISHED // 86_400 * 86_400,
                "end_time": FINISHED // 86_400 * 86_400 + 86_400,
                "results": [
                    {
                        "object": "organization.usage.images.result",
                        "images": 12,
                        "num_model_requests": 9,
                        "project_id": None,
                        "user_id": None,
                        "api_key_id": None,
                        "model": "dall-e-3",
                        "size": None,
                        "source": None,
                    }
                ],
            }
        ],
        "has_more": False,
        "next_page": None,
    },
    "/healthz": {"status": "ok", "version": "0.1.0"},
    "/readyz": {
        "status": "ready",
        "checks": {"database": "ok", "storage": "ok", "engine:illustrator": "ok", "engine:sandbox": "ok"},
    },
    "/metrics": '# TYPE limner_http_requests_total counter\nlimner_http_requests_total{route="/docs",status="200"} 2.0',
    **management.ANSWERS,
}
"""Answers whose schema says no more than "an object", by path, or by method and path."""

MEANINGS: dict[str, str] = {
    "Images.created": "When the pictures were finished, Unix seconds.",
    "Images.data": "The pictures.",
    "Images.output_format": "What the pictures are encoded as: png, jpeg or webp.",
    "Image.url": "Where the picture is. Opens without a credential until it expires.",
    "Image.b64_json": "The picture itself in base64, where `response_format` is `b64_json`.",
    "Image.revised_prompt": "A sentence that says truthfully what was drawn.",
    "Images.usage": "What an upstream counted, in tokens; left out where nobody counts.",
    "Usage.total_tokens": "All of them.",
    "Usage.input_tokens": "Those of the request.",
    "Usage.output_tokens": "Those of the answer.",
    "Usage.input_tokens_details": "Those of the request by kind.",
    "Usage.output_tokens_details": "Those of the answer by kind.",
    "InputDetails.text_tokens": "Of text.",
    "InputDetails.image_tokens": "Of pictures.",
    "Warned.param": "The parameter that had no effect, or another than asked for.",
    "Warned.message": "Why, and what was used instead.",
    "ModelObject.id": "What to send as `model`.",
    "ModelObject.created": "Unix seconds.",
    "ModelObject.owned_by": "Who offers it.",
    "ModelObject.engine": "The code that really draws.",
    "ModelObject.description": "In a sentence.",
    "ModelObject.capabilities": "What the model takes. An empty list: it has no such parameter.",
    "ModelObject.prices": "For each quality a list of [most pixels, micro-credits a picture].",
    "ModelObject.object": "Always `model`.",
    "ModelList.data": "The models, each as `GET /v1/models/{id}` gives it.",
    "ModelList.object": "Always `list`.",
    "Capabilities.default_size": "Taken where a request names no size.",
    "Capabilities.qualities": "What it takes as `quality`.",
    "Capabilities.default_quality": "Taken where a request names none.",
    "Capabilities.styles": "What it takes as `style`.",
    "Capabilities.default_style": "Taken where a request names none.",
    "Capabilities.response_formats": "What it takes as `response_format`.",
    "Capabilities.default_response_format": "Taken where a request names none.",
    "Capabilities.output_formats": "What it takes as `output_format`.",
    "Capabilities.default_output_format": "Taken where a request names none.",
    "Capabilities.output_compression": "Whether it takes `output_compression`.",
    "Capabilities.backgrounds": "What it takes as `background`.",
    "Capabilities.seed": "Whether it takes a `seed`.",
    "Capabilities.streaming": "Whether it can stream.",
    "Capabilities.edits": "Whether it can change pictures.",
    "Capabilities.variations": "Whether it can vary a picture.",
    "Capabilities.mask": "Whether edits take a mask.",
    "Capabilities.input_fidelity": "Whether edits take `input_fidelity`.",
    "Capabilities.moderation": "Whether `moderation` reaches its upstream.",
    "Capabilities.max_inputs": "Most pictures that an edit may have.",
    "Capabilities.sizes": "The sizes it takes; empty: any within the bounds.",
    "Capabilities.auto_sizes": "What `auto` chooses from, by the prompt; empty: always the default.",
    "Capabilities.min_side": "Fewest pixels a side.",
    "Capabilities.max_side": "Most pixels a side.",
    "Capabilities.max_pixels": "Most pixels in all.",
    "Capabilities.multiple_of": "Both sides must be multiples of it.",
    "Capabilities.max_ratio": "How many times longer one side may be than the other.",
    "Capabilities.max_images": "Most pictures in one call.",
    "Capabilities.prompt_limit": "Most characters in a prompt.",
    "ErrorEnvelope.error": "What went wrong.",
    "ErrorObject.code": "Stable, for programs; the table below lists them.",
    "ErrorObject.message": "For people: what was wrong and what would be right.",
    "ErrorObject.type": "The kind of error, in OpenAI's words.",
    "ErrorObject.param": "The parameter at fault, where there is one.",
    "UsagePage.object": "Always `page`.",
    "UsagePage.data": "The buckets in their order.",
    "UsagePage.has_more": "Whether there are later buckets.",
    "UsagePage.next_page": "What to send as `page` for those.",
    "UsageBucket.object": "Always `bucket`.",
    "UsageBucket.start_time": "Unix seconds.",
    "UsageBucket.end_time": "Unix seconds; the bucket ends just before.",
    "UsageBucket.results": "One for each group; none where nothing was asked for.",
    "UsageResult.object": "Always `organization.usage.images.result`.",
    "UsageResult.images": "Pictures made.",
    "UsageResult.num_model_requests": "Calls, those that failed too.",
    "UsageResult.project_id": "The application, where it was grouped by.",
    "UsageResult.user_id": "The account, where it was grouped by.",
    "UsageResult.api_key_id": "The credential, where it was grouped by.",
    "UsageResult.model": "The model, where it was grouped by.",
    "UsageResult.size": "WIDTHxHEIGHT, where it was grouped by; null for calls without pictures.",
    "UsageResult.source": "What kind of call, where it was grouped by: `image.generation`, for example.",
    "success": "Whether the call succeeded.",
    "task_id": "The task that keeps this call; ask after it at `/v1/tasks/{id}`.",
    "trace_id": "Your name for this call, or one made for it.",
    "warnings": "What in the request had no effect, and why; left out when there is nothing to say.",
    "id": "Its id.",
    "name": "The file's name, as in the link.",
    "expires": "As in the link: when it stops working, Unix seconds.",
    "signature": "As in the link.",
    **management.MEANINGS,
}
"""What a field means, by shape and name or for all shapes by name."""


def meaning(shape: str, name: str) -> str:
    """Say what a field of a shape means; for what explains itself, nothing."""
    return MEANINGS.get(f"{shape}.{name}") or MEANINGS.get(name, "")
