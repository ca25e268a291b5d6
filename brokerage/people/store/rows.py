"""From rows to people."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import RowMapping

from brokerage.people.model import Person, PersonId, Role


def person_of(row: RowMapping) -> Person:
    """Read a person out of a row."""
    main = Role(row["role"])
    return Person(
        PersonId(row["id"]),
        row["authority"],
        row["name"],
        main,
        row["email"],
        row["provider_id"],
        row["weekly_limit"],
        frozenset(Role(role) for role in row["roles"]) - {main},
        in_utc(row["left_at"]),
        in_utc(row["key_made_at"]),
    )


def in_utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None
