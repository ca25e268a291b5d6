"""Competitions, whom they invite and whom not, and the scores given."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, RowMapping, Uuid, and_, any_, insert, literal, select, update

from brokerage.competitions.errors import NoSuchCompetition, NoSuchInvitation
from brokerage.competitions.model import (
    Award,
    Competition,
    CompetitionId,
    DeclineReason,
    Ending,
    Excluded,
    Invitation,
    InvitationId,
    Invited,
    State,
    Weights,
    Window,
)
from brokerage.competitions.store.awards import award_of
from brokerage.competitions.store.documents import as_json, profile_json, profile_of, questions_of
from brokerage.competitions.tables import AWARD, COMPETITION, EXCLUSION, INVITATION, INVITATION_LINK
from lots.model import CategoryCode, Price, ProviderId, Wants


def add_competition(db: Connection, competition: Competition, opened_by: UUID | None) -> None:
    window, weights, profile = competition.window, competition.weights, competition.profile
    db.execute(
        insert(COMPETITION).values(
            authority=competition.authority,
            id=competition.id,
            referral_id=competition.referral_id,
            reference=competition.reference,
            state=competition.state.value,
            urgency=competition.urgency,
            opens_at=window.opens_at,
            closes_at=window.closes_at,
            weight_price=weights.price,
            weight_quality=weights.quality,
            weight_social=weights.social_value,
            category=profile.category.value,
            hours=profile.hours,
            age=competition.age,
            profile=profile_json(profile),
            questions=as_json([[one.key, one.text, one.weighed_as] for one in competition.questions]),
            budget_weekly=competition.budget_weekly,
            housing_benefit_weekly=competition.housing_benefit_weekly,
            legal_basis=competition.legal_basis,
            opened_by=opened_by,
            follows=competition.follows,
            bespoke=competition.bespoke,
            part=competition.part.value if competition.part else None,
        )
    )


def add_invitations(
    db: Connection,
    competition: Competition,
    invited: Iterable[tuple[Invited, bytes]],
    excluded: Iterable[Excluded],
    now: datetime,
) -> None:
    links = tuple(invited)
    db.execute(
        insert(INVITATION),
        [
            {
                "authority": competition.authority,
                "id": one.invitation_id,
                "competition_id": competition.id,
                "provider_id": one.provider_id,
                "accommodation_weekly": one.tendered.accommodation_weekly,
                "support_hourly": one.tendered.support_hourly,
                "block_discount": one.block_discount,
                "versions": 0,
            }
            for one, _ in links
        ],
    )
    db.execute(
        insert(INVITATION_LINK),
        [
            {
                "authority": competition.authority,
                "invitation_id": one.invitation_id,
                "token_hash": token_hash,
                "made_at": now,
            }
            for one, token_hash in links
        ],
    )
    rows = [
        {
            "authority": competition.authority,
            "competition_id": competition.id,
            "provider_id": one.provider_id,
            "provider": one.provider,
            "rule": one.rule,
            "reason": one.reason,
        }
        for one in excluded
    ]
    if rows:
        db.execute(insert(EXCLUSION), rows)


def competition(db: Connection, authority: str, competition_id: UUID) -> Competition:
    """Give a competition of the authority. Raises NoSuchCompetition."""
    return _read_competition(db, authority, competition_id, hold=False)


def authority_of(db: Connection, competition_id: UUID) -> str:
    """Say whose competition this is. Raises NoSuchCompetition."""
    found = db.execute(select(COMPETITION.c.authority).where(COMPETITION.c.id == competition_id)).scalars().first()
    if found is None:
        raise NoSuchCompetition
    return str(found)


def competition_of(db: Connection, authority: str, invitation_id: UUID) -> CompetitionId:
    """Say to which competition of the authority an invitation belongs. Raises NoSuchInvitation."""
    found = db.execute(
        select(INVITATION.c.competition_id).where(INVITATION.c.authority == authority, INVITATION.c.id == invitation_id)
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchInvitation
    return CompetitionId(found)


def hold(db: Connection, authority: str, competition_id: UUID) -> Competition:
    """Give a competition held FOR UPDATE: it waits for offers in flight, and they for it. Raises NoSuchCompetition."""
    return _read_competition(db, authority, competition_id, hold=True)


def hold_ending(db: Connection, authority: str, competition_ids: Collection[UUID], *, wait: bool) -> tuple[Ending, ...]:
    """Hold several competitions FOR UPDATE to close them, the next to close first.

    With `wait` it waits for offers in flight; without it, what somebody else holds is left out.
    """
    columns = COMPETITION.c
    rows = db.execute(
        select(
            columns.id,
            columns.referral_id,
            columns.reference,
            columns.state,
            columns.opens_at,
            columns.closes_at,
            columns.category,
            columns.age,
            columns.bespoke,
        )
        .where(columns.authority == authority, _among(competition_ids))
        .order_by(columns.closes_at, columns.id)
        .with_for_update(skip_locked=not wait)
    )
    return tuple(
        Ending(
            CompetitionId(row.id),
            row.referral_id,
            row.reference,
            State(row.state),
            Window(row.opens_at, row.closes_at),
            CategoryCode(row.category),
            row.age,
            row.bespoke,
        )
        for row in rows
    )


def competitions(
    db: Connection, authority: str, states: tuple[State, ...] = (), referral_id: UUID | None = None
) -> tuple[Competition, ...]:
    """List competitions, the next to close first."""
    wanted = (
        select(COMPETITION)
        .where(COMPETITION.c.authority == authority)
        .order_by(COMPETITION.c.closes_at, COMPETITION.c.id)
    )
    if states:
        wanted = wanted.where(COMPETITION.c.state.in_([state.value for state in states]))
    if referral_id:
        wanted = wanted.where(COMPETITION.c.referral_id == referral_id)
    return tuple(_competition(row) for row in db.execute(wanted.limit(500)).mappings())


def of_provider(db: Connection, provider_id: UUID) -> tuple[tuple[Competition, Invitation, Award | None], ...]:
    """List what a provider was invited to, with its award if it has one; the last to close first."""
    rows = (
        db.execute(
            select(COMPETITION, *(column.label(f"invitation_{column.name}") for column in INVITATION.c))
            .join(
                INVITATION,
                and_(
                    COMPETITION.c.authority == INVITATION.c.authority, COMPETITION.c.id == INVITATION.c.competition_id
                ),
            )
            .where(INVITATION.c.provider_id == provider_id)
            .order_by(COMPETITION.c.closes_at.desc())
            .limit(100)
        )
        .mappings()
        .all()
    )
    awarded = db.execute(
        select(AWARD).where(AWARD.c.provider_id == provider_id).order_by(AWARD.c.awarded_at)
    ).mappings()
    mine = {(row["authority"], row["competition_id"]): award_of(db, row) for row in awarded.all()}
    return tuple(
        (
            _competition(row),
            _read_invitation({column.name: row[f"invitation_{column.name}"] for column in INVITATION.c}),
            mine.get((row["authority"], row["id"])),
        )
        for row in rows
    )


def save_state(
    db: Connection, authority: str, competition_id: UUID, state: State, closed_at: datetime | None = None
) -> None:
    save_states(db, authority, (competition_id,), state, closed_at)


def save_states(
    db: Connection,
    authority: str,
    competition_ids: Collection[UUID],
    state: State,
    closed_at: datetime | None = None,
) -> None:
    values: dict[str, Any] = {"state": state.value}
    if closed_at is not None:
        values["closed_at"] = closed_at
    db.execute(
        update(COMPETITION).where(COMPETITION.c.authority == authority, _among(competition_ids)).values(**values)
    )


def invitations(db: Connection, authority: str, competition_id: UUID) -> tuple[Invitation, ...]:
    rows = db.execute(
        select(INVITATION)
        .where(INVITATION.c.authority == authority, INVITATION.c.competition_id == competition_id)
        .order_by(INVITATION.c.id)
    ).mappings()
    return tuple(_read_invitation(row) for row in rows)


def invitations_of(
    db: Connection, authority: str, competition_ids: Collection[UUID]
) -> Mapping[UUID, tuple[Invitation, ...]]:
    """Give the invitations of several competitions in one look, by competition."""
    rows = db.execute(
        select(INVITATION)
        .where(INVITATION.c.authority == authority, INVITATION.c.competition_id.in_(competition_ids))
        .order_by(INVITATION.c.id)
    ).mappings()
    found: dict[UUID, list[Invitation]] = {one: [] for one in competition_ids}
    for row in rows:
        found[row["competition_id"]].append(_read_invitation(row))
    return {one: tuple(invited) for one, invited in found.items()}


def exclusions(db: Connection, authority: str, competition_id: UUID) -> tuple[Excluded, ...]:
    rows = db.execute(
        select(EXCLUSION)
        .where(EXCLUSION.c.authority == authority, EXCLUSION.c.competition_id == competition_id)
        .order_by(EXCLUSION.c.provider)
    )
    return tuple(Excluded(ProviderId(row.provider_id), row.provider, row.rule, row.reason) for row in rows)


def save_scores(
    db: Connection,
    authority: str,
    competition_id: UUID,
    scores: Mapping[UUID, Mapping[str, int]],
    by: UUID | None,
    now: datetime,
) -> None:
    text = as_json({str(bid_id): dict(given) for bid_id, given in scores.items()})
    db.execute(
        update(COMPETITION)
        .where(COMPETITION.c.authority == authority, COMPETITION.c.id == competition_id)
        .values(scores=text, evaluated_at=now, evaluated_by=by)
    )


def scores(db: Connection, authority: str, competition_id: UUID) -> dict[UUID, dict[str, int]] | None:
    text = db.execute(
        select(COMPETITION.c.scores).where(COMPETITION.c.authority == authority, COMPETITION.c.id == competition_id)
    ).scalar_one_or_none()
    if text is None:
        return None
    return {UUID(bid_id): given for bid_id, given in json.loads(text).items()}


def _among(competition_ids: Collection[UUID]) -> ColumnElement[bool]:
    return COMPETITION.c.id == any_(literal(list(competition_ids), ARRAY(Uuid)))


def _read_competition(db: Connection, authority: str, competition_id: UUID, *, hold: bool) -> Competition:
    wanted = select(COMPETITION).where(COMPETITION.c.authority == authority, COMPETITION.c.id == competition_id)
    row = db.execute(wanted.with_for_update() if hold else wanted).mappings().one_or_none()
    if row is None:
        raise NoSuchCompetition
    return _competition(row)


def _competition(row: RowMapping) -> Competition:
    return Competition(
        row["authority"],
        CompetitionId(row["id"]),
        row["referral_id"],
        row["reference"],
        State(row["state"]),
        row["urgency"],
        Window(row["opens_at"], row["closes_at"]),
        row["closed_at"],
        Weights(row["weight_price"], row["weight_quality"], row["weight_social"]),
        profile_of(row["profile"]),
        questions_of(row["questions"]),
        row["budget_weekly"],
        row["housing_benefit_weekly"],
        row["legal_basis"],
        row["age"],
        CompetitionId(row["follows"]) if row["follows"] else None,
        row["unsealed_at"],
        Wants(row["part"]) if row["part"] else None,
    )


def _read_invitation(row: Mapping[Any, Any]) -> Invitation:
    return Invitation(
        row["authority"],
        InvitationId(row["id"]),
        CompetitionId(row["competition_id"]),
        ProviderId(row["provider_id"]),
        Price(row["accommodation_weekly"], row["support_hourly"]),
        row["block_discount"],
        row["seen_at"],
        row["declined_at"],
        DeclineReason(row["decline_reason"]) if row["decline_reason"] else None,
    )
