"""Passwords: which may be chosen, and how they are kept."""

from __future__ import annotations

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from limner.errors import BadRequest
from limner.passwords import LONGEST, SHORTEST, Passwords, acceptable


@pytest.mark.parametrize("given", ["", "short", "a" * 20, "abcabcabcabc", "x1" * 101])
def test_what_is_guessed_at_once_or_never_typed_may_not_be_chosen(given: str) -> None:
    with pytest.raises(BadRequest) as refused:
        acceptable(given, param="new")
    assert refused.value.param == "new"


@pytest.mark.parametrize("given", ["correct horse", "пароль из слов", "abcd" * (LONGEST // 4), "0123456789"[:SHORTEST]])
def test_length_is_what_counts(given: str) -> None:
    assert acceptable(given) == given


async def test_a_password_fits_its_hash_alone_and_nobody_has_one() -> None:
    passwords = Passwords()
    kept = await passwords.hash("a good long password")
    assert kept.startswith("$argon2id$")
    assert kept != await passwords.hash("a good long password"), "each has a salt of its own"
    assert await passwords.match("a good long password", kept) == (True, None)
    assert await passwords.match("another long password", kept) == (False, None)
    assert await passwords.match("a good long password", None) == (False, None)


async def test_a_hash_of_weaker_parameters_is_made_anew_when_it_fits() -> None:
    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024),)).hash("a good long password")
    fits, fresh = await Passwords().match("a good long password", weak)
    assert fits
    assert fresh is not None
    assert fresh != weak
