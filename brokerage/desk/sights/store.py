"""Every statement about sights and grants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, select, update

from brokerage.competitions.model import AwardState
from brokerage.competitions.tables import AWARD, COMPETITION
from brokerage.desk.sights.model import Relation, Share, Sight, Tie
from brokerage.desk.tables import RECORD, SHARE, SIGHT
from brokerage.people.tables import PERSON
from brokerage.referrals.model import State
from brokerage.referrals.tables import REFERRAL
from placements.model import AgreementState
from placements.tables import AGREEMENT

MOST: Final = 1000
"""Sights in one answer."""


def ties(
    db: Connection, authority: str, referral_ids: Collection[UUID], person_id: UUID, since: datetime
) -> dict[UUID, Tie]:
    """Give what ties a person to referrals they can see, by referral, in one statement.

    A referral of another council is here where that council shares it. `since` is how old a reason may be.
    """
    mine = REFERRAL.c.authority
    acted = exists().where(
        RECORD.c.authority == mine, RECORD.c.about == REFERRAL.c.id, RECORD.c.actor == f"person:{person_id}"
    )
    to_fund = exists().where(
        COMPETITION.c.authority == mine,
        COMPETITION.c.referral_id == REFERRAL.c.id,
        AWARD.c.authority == mine,
        AWARD.c.competition_id == COMPETITION.c.id,
        AWARD.c.state == AwardState.AWAITING_FUNDING.value,
    )
    placed_now = exists().where(
        AGREEMENT.c.authority == mine,
        AGREEMENT.c.referral_id == REFERRAL.c.id,
        AGREEMENT.c.state != AgreementState.ENDED.value,
    )
    reason = (
        select(SIGHT.c.reason)
        .where(
            SIGHT.c.authority == mine,
            SIGHT.c.referral_id == REFERRAL.c.id,
            SIGHT.c.person_id == person_id,
            SIGHT.c.what == GIVEN,
            SIGHT.c.at > since,
        )
        .order_by(SIGHT.c.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    shared = (
        select(SHARE.c.until_on)
        .where(
            SHARE.c.authority == mine,
            SHARE.c.referral_id == REFERRAL.c.id,
            SHARE.c.with_authority == authority,
            SHARE.c.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    rows = db.execute(
        select(
            REFERRAL.c.id,
            mine,
            REFERRAL.c.state,
            ((REFERRAL.c.raised_by == person_id) | (REFERRAL.c.started_by == person_id)).label("raised"),
            acted.label("acted"),
            to_fund.label("to_fund"),
            placed_now.label("placed_now"),
            reason.label("reason"),
            shared.label("shared_until"),
        ).where(REFERRAL.c.id.in_(referral_ids), (mine == authority) | shared.is_not(None))
    )
    return {
        row.id: Tie(
            row.authority,
            State(row.state),
            bool(row.raised),
            row.acted,
            row.to_fund,
            row.placed_now,
            row.shared_until if row.authority != authority else None,
            row.reason,
        )
        for row in rows
    }


GIVEN: Final = "reason"
"""The place at which a reason was given; the sights that follow carry it on."""


def add_sights(db: Connection, sights: Sequence[Sight]) -> None:
    if sights:
        db.execute(insert(SIGHT), [_row(one) for one in sights])


def sights(
    db: Connection, authority: str, *, person_id: UUID | None = None, referral_id: UUID | None = None, most: int = MOST
) -> tuple[tuple[Sight, str, str], ...]:
    """List a council's sights, newest first, each with the person's name and the referral's reference."""
    wanted = (
        select(SIGHT, PERSON.c.name, REFERRAL.c.reference)
        .join(PERSON, PERSON.c.id == SIGHT.c.person_id, isouter=True)
        .join(REFERRAL, and_(REFERRAL.c.authority == SIGHT.c.authority, REFERRAL.c.id == SIGHT.c.referral_id))
        .where(SIGHT.c.authority == authority)
        .order_by(SIGHT.c.at.desc(), SIGHT.c.id)
        .limit(most)
    )
    if person_id is not None:
        wanted = wanted.where(SIGHT.c.person_id == person_id)
    if referral_id is not None:
        wanted = wanted.where(SIGHT.c.referral_id == referral_id)
    return tuple(
        (
            Sight(
                row.authority,
                row.id,
                row.person_id,
                row.referral_id,
                row.at,
                Relation(row.relation),
                row.reason,
                row.what,
            ),
            row.name or "somebody of another council",
            row.reference,
        )
        for row in db.execute(wanted)
    )


def referral_of(db: Connection, authority: str, reference: str) -> UUID | None:
    """Find a referral by its reference."""
    return db.scalar(
        select(REFERRAL.c.id).where(REFERRAL.c.authority == authority, REFERRAL.c.reference == reference.upper())
    )


def add_share(db: Connection, share: Share) -> None:
    db.execute(
        insert(SHARE).values(
            authority=share.authority,
            id=share.id,
            referral_id=share.referral_id,
            with_authority=share.with_authority,
            reason=share.reason,
            until_on=share.until_on,
            made_by=share.made_by,
            made_at=share.made_at,
        )
    )


def shares(
    db: Connection, *, of: str | None = None, to: str | None = None, referral_id: UUID | None = None
) -> tuple[Share, ...]:
    """List grants, newest first: those a council gave, those it was given, or those of one referral."""
    wanted = select(SHARE).order_by(SHARE.c.made_at.desc(), SHARE.c.id)
    for column, value in (
        (SHARE.c.authority, of),
        (SHARE.c.with_authority, to),
        (SHARE.c.referral_id, referral_id),
    ):
        if value is not None:
            wanted = wanted.where(_equals(column, value))
    return tuple(Share(**row) for row in db.execute(wanted).mappings())


def end_share(db: Connection, authority: str, share_id: UUID, now: datetime) -> bool:
    """End a grant; False where it is not there or has ended."""
    done = db.execute(
        update(SHARE)
        .where(SHARE.c.authority == authority, SHARE.c.id == share_id, SHARE.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return bool(done.rowcount)


def reference_of(db: Connection, authority: str, referral_id: UUID) -> str | None:
    return db.scalar(
        select(REFERRAL.c.reference).where(REFERRAL.c.authority == authority, REFERRAL.c.id == referral_id)
    )


def _equals(column: Any, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == value
    return found


def _row(sight: Sight) -> dict[str, Any]:
    return {
        "authority": sight.authority,
        "id": sight.id,
        "person_id": sight.person_id,
        "referral_id": sight.referral_id,
        "at": sight.at,
        "relation": sight.relation.value,
        "reason": sight.reason,
        "what": sight.what,
    }
