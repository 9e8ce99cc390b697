"""All SQL of STS: what the secrets of temporary keys are made with."""

from __future__ import annotations

from undercast.kit.call import Call


async def find_seal(call: Call) -> str | None:
    row = await call.db.fetch_one("SELECT seal FROM sts_seals WHERE account = ?", call.account)
    return row[0] if row else None


async def make_seal(call: Call) -> str:
    """The account's seal, made when it has none."""
    await call.db.execute(
        "INSERT INTO sts_seals (account, seal) VALUES (?, ?) ON CONFLICT DO NOTHING", call.account, call.ids.hex(64)
    )
    seal = await find_seal(call)
    assert seal is not None
    return seal
