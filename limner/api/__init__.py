"""The face for programs: every path it answers, on one screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from limner.api.callbacks import (
    get_delivery,
    get_secret,
    list_deliveries,
    redeliver_one,
    redeliver_range,
    rotate_secret,
    try_callback,
)
from limner.api.files import get_file
from limner.api.images import Make
from limner.api.management import (
    create_application,
    create_credential,
    delete_credential,
    get_application,
    get_config,
    get_credential,
    list_applications,
    list_credentials,
    list_platform_models,
    rotate_credential,
)
from limner.api.models import get_model, list_models
from limner.api.openapi import get_openapi
from limner.api.platform import healthz, metrics, readyz
from limner.api.tasks import ask, cancel_task, get_task, list_tasks, stream_task
from limner.api.usage import get_usage

Handler = Callable[[Request], Awaitable[Response]]


def _managed(path: str, handler: Handler, method: str) -> list[BaseRoute]:
    """Make the routes of a path below /api/v1, which Ace's clients ask for with a slash at its end and without."""
    return [Route(f"/api/v1{path}{slash}", handler, methods=[method]) for slash in ("/", "")]


routes: list[BaseRoute] = [
    Route("/v1/images/generations", Make("generate"), methods=["POST"]),
    Route("/openai/images/generations", Make("generate"), methods=["POST"]),
    Route("/v1/images/edits", Make("edit"), methods=["POST"]),
    Route("/openai/images/edits", Make("edit"), methods=["POST"]),
    Route("/v1/images/variations", Make("vary"), methods=["POST"]),
    Route("/openai/images/variations", Make("vary"), methods=["POST"]),
    Route("/v1/models", list_models, methods=["GET"]),
    Route("/openai/models", list_models, methods=["GET"]),
    Route("/v1/models/{id}", get_model, methods=["GET"]),
    Route("/openai/models/{id}", get_model, methods=["GET"]),
    Route("/v1/tasks", list_tasks, methods=["GET"]),
    Route("/v1/tasks/{id}", get_task, methods=["GET"]),
    Route("/v1/tasks/{id}/cancel", cancel_task, methods=["POST"]),
    Route("/v1/tasks/{id}/events", stream_task, methods=["GET"]),
    Route("/openai/tasks", ask, methods=["POST"]),
    Route("/v1/callbacks/secret", get_secret, methods=["GET"]),
    Route("/v1/callbacks/secret/rotate", rotate_secret, methods=["POST"]),
    Route("/v1/callbacks/test", try_callback, methods=["POST"]),
    Route("/v1/deliveries", list_deliveries, methods=["GET"]),
    Route("/v1/deliveries/redeliver", redeliver_range, methods=["POST"]),
    Route("/v1/deliveries/{id}", get_delivery, methods=["GET"]),
    Route("/v1/deliveries/{id}/redeliver", redeliver_one, methods=["POST"]),
    Route("/v1/organization/usage/images", get_usage, methods=["GET"]),
    Route("/v1/files/{name}", get_file, methods=["GET"]),
    # ---- management, by account tokens
    *_managed("/applications", list_applications, "GET"),
    *_managed("/applications", create_application, "POST"),
    *_managed("/applications/{id}", get_application, "GET"),
    *_managed("/credentials", list_credentials, "GET"),
    *_managed("/credentials", create_credential, "POST"),
    *_managed("/credentials/{id}", get_credential, "GET"),
    *_managed("/credentials/{id}", delete_credential, "DELETE"),
    *_managed("/credentials/{id}/rotate", rotate_credential, "POST"),
    *_managed("/models", list_platform_models, "GET"),
    *_managed("/config", get_config, "GET"),
    # ---- the server itself
    Route("/healthz", healthz, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/openapi.json", get_openapi, methods=["GET"]),
]
