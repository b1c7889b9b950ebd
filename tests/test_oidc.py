"""Settings of single sign-on and mail that cannot be; what a provider does is in `tests/console/test_oidc.py`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from limner.bootstrap import bootstrap
from limner.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"oidc_issuer": "http://id.example.com"}, "LIMNER_OIDC_ISSUER"),
        ({"oidc_issuer": "https://id.example.com?x=1"}, "LIMNER_OIDC_ISSUER"),
        ({"oidc_issuer": "https://[bad"}, "LIMNER_OIDC_ISSUER"),
        ({"oidc_client_id": ""}, "LIMNER_OIDC_CLIENT_ID"),
        ({"smtp_url": "mail.example.com:25"}, "LIMNER_SMTP_URL"),
        ({"smtp_url": "smtp://mail.example.com:port"}, "LIMNER_SMTP_URL"),
        ({"smtp_url": "smtp://127.0.0.1", "smtp_from": "nobody"}, "LIMNER_SMTP_FROM"),
        ({"smtp_url": "smtp://127.0.0.1", "smtp_from": "Limner <a@b.example>\nBcc: c@d.example"}, "LIMNER_SMTP_FROM"),
    ],
)
async def test_wrong_settings_are_told_at_start(tmp_path: Path, wrong: dict[str, str], told: str) -> None:
    settings: dict[str, Any] = {
        "data": str(tmp_path),
        "oidc_issuer": "https://id.example.com",
        "oidc_client_id": "limner",
    } | wrong
    with pytest.raises(ValueError, match=told):
        async with bootstrap(Settings(**settings)):
            pass  # pragma: no cover


def test_a_start_loads_no_client_of_providers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import limner.app, sys; print('authlib' in sys.modules or 'joserfc' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
