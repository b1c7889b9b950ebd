from __future__ import annotations

import re

import pytest

from limner import errors
from limner.errors import CATALOGUE, ApiError, BadRequest, LimnerError, TooManyRequests

# what clients rely on; a code is never changed, only added
CONTRACT = {
    "bad_request": ("invalid_request_error", 400),
    "token_mismatched": ("invalid_request_error", 400),
    "api_not_implemented": ("invalid_request_error", 400),
    "moderation_blocked": ("image_generation_user_error", 400),
    "no_token": ("authentication_error", 401),
    "invalid_token": ("authentication_error", 401),
    "token_expired": ("authentication_error", 401),
    "used_up": ("insufficient_quota", 403),
    "disabled": ("permission_error", 403),
    "not_found": ("invalid_request_error", 404),
    "conflict": ("invalid_request_error", 409),
    "request_too_large": ("invalid_request_error", 413),
    "too_many_requests": ("rate_limit_error", 429),
    "api_error": ("server_error", 500),
    "upstream_error": ("server_error", 502),
    "timeout": ("server_error", 504),
}


def test_the_catalogue_is_the_contract() -> None:
    assert {code: (error.type, error.default_status) for code, error in CATALOGUE.items()} == CONTRACT


def test_every_class_is_in_the_catalogue_under_its_code() -> None:
    every = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LimnerError)}
    assert every - {LimnerError} == set(CATALOGUE.values())
    assert all(error.code == code for code, error in CATALOGUE.items())


@pytest.mark.parametrize("error", CATALOGUE.values(), ids=list(CATALOGUE))
def test_every_error_says_something_to_the_client_and_to_the_docs(error: type[LimnerError]) -> None:
    made = error()
    assert re.fullmatch(r"[A-Z].*[.]", made.message, re.DOTALL)
    assert not re.search(r"\n\s", made.message)
    assert error.when
    assert str(made) == made.message
    assert (made.param, made.status, made.headers) == (None, error.default_status, {})


def test_a_second_class_with_a_code_fails_where_it_is_defined() -> None:
    with pytest.raises(TypeError, match="duplicate error code 'bad_request'"):
        type("Again", (LimnerError,), {"code": "bad_request"})
    assert CATALOGUE["bad_request"] is BadRequest


def test_an_error_carries_what_it_is_given() -> None:
    error = TooManyRequests("Later.", param="n", status=503, headers={"retry-after": "7"})
    assert (error.message, error.param, error.status, error.headers) == ("Later.", "n", 503, {"retry-after": "7"})


def test_headers_are_an_errors_own() -> None:
    ApiError().headers["x"] = "y"
    assert ApiError().headers == {}
