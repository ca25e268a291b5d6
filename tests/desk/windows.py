"""Many windows at once: copies of one real competition, made in the database, since one by one takes too long."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from tests.desk.road import Open

_COPY: Final = """
INSERT INTO {table} ({columns})
SELECT {values}
  FROM {table} old
 CROSS JOIN generate_series(CAST(:first AS int), CAST(:first AS int) + CAST(:many AS int) - 1) AS n
 WHERE {which}
"""
_ID: Final = "md5(old.{column}::text || n)::uuid"


def copy_windows(
    db: Connection, opened: Open, many: int, closes_at: datetime, step: timedelta = timedelta(0), first: int = 1
) -> None:
    """Copy an open competition with its referral, invitations, offers and timer.

    Copies are numbered from `first`; the first closes at `closes_at`, each next one `step` later, and all instants
    of a copy lie before its close as the original's do. Its ids follow from the original's.
    """
    closes = "CAST(:closes AS timestamptz) + (n - :first) * CAST(:step AS interval)"
    moved = f"({closes} - CAST(:was AS timestamptz))"
    ours = "old.authority = :authority AND old."
    reference = "old.reference || '-' || n"
    referral, competition, invitation = (
        _ID.format(column=f"{name}_id") for name in ("referral", "competition", "invitation")
    )
    own = _ID.format(column="id")
    standing = _ID.format(column="standing_bid")
    secret = "sha256(old.token_hash || convert_to(n::text, 'UTF8'))"
    plan = (
        ("referral", ours + "id = :referral", {"id": own, "reference": reference}),
        ("young_person", ours + "referral_id = :referral", {"referral_id": referral}),
        (
            "competition",
            ours + "id = :competition",
            {
                "id": own,
                "referral_id": referral,
                "reference": reference,
                "closes_at": closes,
                "opens_at": f"old.opens_at + {moved}",
            },
        ),
        ("seal", ours + "competition_id = :competition", {"competition_id": competition}),
        (
            "invitation",
            ours + "competition_id = :competition",
            {"id": own, "competition_id": competition, "standing_bid": standing, "token_hash": secret},
        ),
        (
            "bid",
            ours + "competition_id = :competition",
            {
                "id": own,
                "competition_id": competition,
                "invitation_id": invitation,
                "received_at": f"old.received_at + {moved}",
            },
        ),
        (
            "timer",
            "old.subject_id = :competition",
            {
                "id": own,
                "subject_id": _ID.format(column="subject_id"),
                "due_at": closes,
                "not_before": closes,
            },
        ),
    )
    values = {
        "many": many,
        "first": first,
        "closes": closes_at,
        "was": opened.event.closes_at,
        "step": step,
        "authority": opened.event.authority,
        "referral": opened.referral_id,
        "competition": opened.id,
    }
    for table, which, changed in plan:
        columns = [column.name for column in SQLModel.metadata.tables[table].columns]
        chosen = ", ".join(changed.get(name, f"old.{name}") for name in columns)
        sql = _COPY.format(table=table, columns=", ".join(columns), values=chosen, which=which)
        db.execute(text(sql), {name: value for name, value in values.items() if f":{name}" in sql})


def copied(original: UUID, number: int) -> UUID:
    """Give the id of what was copied from an original for the window of that number."""
    return UUID(hashlib.md5(f"{original}{number}".encode(), usedforsecurity=False).hexdigest())
