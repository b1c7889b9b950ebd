"""*Acquire* as the pages do it: the first application with its grant and a key that is shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner.acquire import enter

if TYPE_CHECKING:
    from limner.bootstrap import Services


async def acquire_for(services: Services, account_id: str) -> dict[str, Any]:
    """Admit an account to the API; give what its next page shows once, nothing where it has been admitted before."""
    made = await services.database.write(enter, account_id, free_credits=services.settings.free_credits)
    if made is None:
        return {}
    return {"key": made.key, "credential_id": made.credential_id, "granted": made.granted}
