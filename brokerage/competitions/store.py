"""Every statement about competitions, invitations, bids and awards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Update, and_, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from brokerage.competitions.errors import AlreadyAwarded, NoSuchAward, NoSuchCompetition, NoSuchInvitation
from brokerage.competitions.model import (
    Award,
    AwardId,
    AwardState,
    Bid,
    BidId,
    Coded,
    Competition,
    CompetitionId,
    DeclineReason,
    Excluded,
    FundingStep,
    Gate,
    Invitation,
    InvitationId,
    Invited,
    Offer,
    Place,
    Profile,
    Question,
    Receipt,
    State,
    Weights,
    Window,
)
from brokerage.competitions.rules import CODE_TRIES, offer_facts
from brokerage.competitions.tables import AWARD, BID, COMPETITION, EXCLUSION, FUNDING, INVITATION, OFFER_CODE
from lots.model import CategoryCode, Price, ProviderId, Wants

# The hot verb's two statements are written out: through the ORM a bid costs 3 ms, as prepared SQL a tenth.
# The clock is read by the outer SELECT, that is after the inner one holds the rows. A window that is
# plainly over takes no lock at all, so that a storm of late offers cannot delay the close.
_GATE: Final = """
WITH held AS MATERIALIZED (
  SELECT c.authority, c.id AS competition_id, c.referral_id, i.id AS invitation_id, i.provider_id, c.reference, c.state,
         c.opens_at, c.closes_at, i.accommodation_weekly, i.support_hourly, c.category, c.hours, c.profile,
         c.questions, i.versions, i.standing_bid, a.offer_code,
         (SELECT b.id FROM bid b WHERE b.authority = i.authority AND b.invitation_id = i.id
             AND b.request_key = %(request)s AND b.withdrawn_at IS NULL) AS answered
    FROM invitation i
    JOIN competition c ON c.authority = i.authority AND c.id = i.competition_id
    JOIN authority a ON a.key = i.authority
   WHERE {door}{waiting}
   {lock}
)
SELECT held.*, {instant} AS now FROM held
"""
_DOORS: Final = {
    "token": "i.token_hash = %(key)s",
    "provider": "i.id = %(key)s AND i.provider_id = %(provider)s",
}
_PLACE: Final = """
WITH standing AS (
  UPDATE invitation SET versions = %(version)s, standing_bid = %(id)s
   WHERE authority = %(authority)s AND id = %(invitation)s
)
INSERT INTO bid (authority, id, competition_id, provider_id, invitation_id, version, content, received_at, digest,
                 request_key)
VALUES (%(authority)s, %(id)s, %(competition)s, %(provider)s, %(invitation)s, %(version)s, %(content)s,
        %(received_at)s, %(digest)s, %(request_key)s)
"""


def gate(
    db: Connection,
    instant: str,
    *,
    token_hash: bytes | None,
    invitation: tuple[UUID, UUID] | None,
    hold: bool,
    request: str | None = None,
) -> Gate:
    """Give what decides about an offer, found by link or by signed-in provider. Raises NoSuchInvitation.

    With `hold` the competition is held FOR SHARE and the invitation FOR UPDATE, then the clock is read;
    `instant` is the clock's own SQL, in which {authority} stands for the authority asked about. A window
    that is over is never held.
    """
    values: dict[str, object] = {"key": token_hash, "request": request}
    door = _DOORS["token"]
    if invitation is not None:
        values |= {"key": invitation[0], "provider": invitation[1]}
        door = _DOORS["provider"]
    outside = instant.format(authority="held.authority")
    running = f" AND c.closes_at > {instant.format(authority='c.authority')}"
    free = _GATE.format(door=door, waiting="", lock="", instant=outside)
    held = _GATE.format(door=door, waiting=running, lock="FOR SHARE OF c FOR UPDATE OF i", instant=outside)
    while True:
        for statement in (held, free) if hold else (free,):
            row = db.exec_driver_sql(statement, values).mappings().one_or_none()
            if row is not None:
                break
        else:
            raise NoSuchInvitation
        found = _gate(row)
        if hold and statement is free and found.now < found.window.closes_at:
            continue  # it was extended between the two looks
        if hold and request is not None and found.answered is None and found.last_version:
            # The rows are as they are behind the lock, but what else that statement read is from before it waited.
            return replace(found, answered=_answered(db, found, request))
        return found


def _answered(db: Connection, at: Gate, request: str) -> BidId | None:
    found = db.execute(
        select(BID.c.id).where(
            BID.c.authority == at.authority,
            BID.c.invitation_id == at.invitation_id,
            BID.c.request_key == request,
            BID.c.withdrawn_at.is_(None),
        )
    ).scalar_one_or_none()
    return None if found is None else BidId(found)


def put_bid(db: Connection, at: Gate, bid: Bid, request_key: str | None) -> None:
    """Keep a received offer as the standing one of its invitation."""
    db.exec_driver_sql(
        _PLACE,
        {
            "authority": at.authority,
            "id": bid.id,
            "competition": bid.competition_id,
            "provider": bid.provider_id,
            "invitation": bid.invitation_id,
            "version": bid.version,
            "content": _json(offer_facts(bid.offer)),
            "received_at": bid.received_at,
            "digest": bid.digest,
            "request_key": request_key,
        },
    )


def receipt(db: Connection, at: Gate, bid_id: BidId) -> Receipt:
    """Give the receipt of an offer that was received before, so that a double click bids once."""
    row = db.execute(
        select(BID.c.id, BID.c.version, BID.c.received_at, BID.c.digest).where(
            BID.c.authority == at.authority, BID.c.id == bid_id
        )
    ).one()
    return Receipt(BidId(row.id), row.version, row.received_at, row.digest, at.window.closes_at, at.reference)


def standing_bid(db: Connection, at: Gate) -> Bid | None:
    """Give a provider its own standing offer, to show or replace."""
    if at.standing is None:
        return None
    row = db.execute(select(BID).where(BID.c.authority == at.authority, BID.c.id == at.standing)).mappings().one()
    return _bid(row)


def standing_of_provider(db: Connection, provider_id: UUID) -> dict[UUID, datetime]:
    """Say in which of its invitations a provider's own offer stands, and since when."""
    rows = db.execute(
        select(BID.c.invitation_id, BID.c.received_at)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
        .where(INVITATION.c.provider_id == provider_id)
    )
    return {row.invitation_id: row.received_at for row in rows}


def withdraw_bid(db: Connection, at: Gate, now: datetime) -> None:
    db.execute(update(BID).where(BID.c.authority == at.authority, BID.c.id == at.standing).values(withdrawn_at=now))
    db.execute(_invitation(at.authority, at.invitation_id).values(standing_bid=None))


def decline(db: Connection, at: Gate, reason: DeclineReason, note: str, now: datetime) -> None:
    db.execute(
        _invitation(at.authority, at.invitation_id).values(
            declined_at=now, decline_reason=reason.value, decline_note=note
        )
    )


def mark_seen(db: Connection, at: Gate, now: datetime) -> None:
    """Note the first sight of an invitation; this is no act of the provider's (A28)."""
    db.execute(_invitation(at.authority, at.invitation_id).where(INVITATION.c.seen_at.is_(None)).values(seen_at=now))


def save_code(
    db: Connection, at: Gate, code_hash: bytes, now: datetime, expires_at: datetime, most_sends: int, within: timedelta
) -> bool:
    """Keep a new code in place of the last one; False when too many were sent lately."""
    values = {"code_hash": code_hash, "sent_at": now, "expires_at": expires_at, "tries": 0, "used": False}
    fresh = OFFER_CODE.c.sent_at < now - within
    done = db.execute(
        upsert(OFFER_CODE)
        .values(authority=at.authority, invitation_id=at.invitation_id, sends=1, **values)
        .on_conflict_do_update(
            constraint="offer_code_pkey",
            set_=values | {"sends": case((fresh, 1), else_=OFFER_CODE.c.sends + 1)},
            where=fresh | (OFFER_CODE.c.sends < most_sends),
        )
        .returning(OFFER_CODE.c.sends)
    ).one_or_none()
    return done is not None


def spend_try(db: Connection, at: Gate, now: datetime) -> tuple[bytes, int] | None:
    """Charge one try before comparing, so that guessing in parallel gains nothing; None when there is none left."""
    row = db.execute(
        update(OFFER_CODE)
        .where(
            OFFER_CODE.c.authority == at.authority,
            OFFER_CODE.c.invitation_id == at.invitation_id,
            OFFER_CODE.c.used.is_(False),
            OFFER_CODE.c.tries < CODE_TRIES,
            OFFER_CODE.c.expires_at > now,
        )
        .values(tries=OFFER_CODE.c.tries + 1)
        .returning(OFFER_CODE.c.code_hash, OFFER_CODE.c.tries)
    ).one_or_none()
    return (row.code_hash, CODE_TRIES - row.tries) if row else None


def use_code(db: Connection, at: Gate, code_hash: bytes) -> bool:
    """Use a code up; False when somebody used it a moment earlier."""
    used = db.execute(
        update(OFFER_CODE)
        .where(
            OFFER_CODE.c.authority == at.authority,
            OFFER_CODE.c.invitation_id == at.invitation_id,
            OFFER_CODE.c.code_hash == code_hash,
            OFFER_CODE.c.used.is_(False),
        )
        .values(used=True)
    )
    return used.rowcount == 1


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
            questions=_json([[one.key, one.text, one.weighed_as] for one in competition.questions]),
            budget_weekly=competition.budget_weekly,
            housing_benefit_weekly=competition.housing_benefit_weekly,
            legal_basis=competition.legal_basis,
            opened_by=opened_by,
        )
    )


def add_invitations(
    db: Connection,
    competition: Competition,
    invited: Iterable[tuple[Invited, bytes]],
    excluded: Iterable[Excluded],
) -> None:
    db.execute(
        insert(INVITATION),
        [
            {
                "authority": competition.authority,
                "id": one.invitation_id,
                "competition_id": competition.id,
                "provider_id": one.provider_id,
                "token_hash": token_hash,
                "accommodation_weekly": one.tendered.accommodation_weekly,
                "support_hourly": one.tendered.support_hourly,
                "block_discount": one.block_discount,
                "versions": 0,
            }
            for one, token_hash in invited
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


def hold(db: Connection, authority: str, competition_id: UUID) -> Competition:
    """Give a competition held FOR UPDATE: it waits for offers in flight, and they for it. Raises NoSuchCompetition."""
    return _read_competition(db, authority, competition_id, hold=True)


def competitions(
    db: Connection, authority: str, states: tuple[State, ...] = (), referral_id: UUID | None = None
) -> tuple[Competition, ...]:
    """List competitions, the next to close first."""
    wanted = select(COMPETITION).where(COMPETITION.c.authority == authority).order_by(COMPETITION.c.closes_at)
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
    mine = {(row["authority"], row["competition_id"]): _award(db, row) for row in awarded.all()}
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
    values: dict[str, Any] = {"state": state.value}
    if closed_at is not None:
        values["closed_at"] = closed_at
    db.execute(
        update(COMPETITION)
        .where(COMPETITION.c.authority == authority, COMPETITION.c.id == competition_id)
        .values(**values)
    )


def invitations(db: Connection, authority: str, competition_id: UUID) -> tuple[Invitation, ...]:
    rows = db.execute(
        select(INVITATION)
        .where(INVITATION.c.authority == authority, INVITATION.c.competition_id == competition_id)
        .order_by(INVITATION.c.id)
    ).mappings()
    return tuple(_read_invitation(row) for row in rows)


def exclusions(db: Connection, authority: str, competition_id: UUID) -> tuple[Excluded, ...]:
    rows = db.execute(
        select(EXCLUSION)
        .where(EXCLUSION.c.authority == authority, EXCLUSION.c.competition_id == competition_id)
        .order_by(EXCLUSION.c.provider)
    )
    return tuple(Excluded(ProviderId(row.provider_id), row.provider, row.rule, row.reason) for row in rows)


def offers(db: Connection, authority: str, competition_id: UUID) -> int:
    """Count standing offers: the only thing told about them before the close (S8)."""
    return db.execute(
        select(func.count()).where(
            INVITATION.c.authority == authority,
            INVITATION.c.competition_id == competition_id,
            INVITATION.c.standing_bid.is_not(None),
        )
    ).scalar_one()


def bids(db: Connection, authority: str, competition_id: UUID) -> tuple[Bid, ...]:
    """Read the standing offers. Called only after `rules.unseal`."""
    rows = db.execute(
        select(BID)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
        .where(BID.c.authority == authority, BID.c.competition_id == competition_id)
        .order_by(BID.c.received_at, BID.c.id)
    ).mappings()
    return tuple(_bid(row) for row in rows)


def save_scores(
    db: Connection,
    authority: str,
    competition_id: UUID,
    scores: Mapping[UUID, Mapping[str, int]],
    by: UUID | None,
    now: datetime,
) -> None:
    text = _json({str(bid_id): dict(given) for bid_id, given in scores.items()})
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


def add_award(db: Connection, award: Award) -> None:
    """Keep an award. Raises AlreadyAwarded when another is live: the index decides a race."""
    try:
        with db.begin_nested():
            db.execute(
                insert(AWARD).values(
                    authority=award.authority,
                    id=award.id,
                    competition_id=award.competition_id,
                    bid_id=award.bid_id,
                    provider_id=award.provider_id,
                    state=award.state.value,
                    reason=award.reason,
                    rank=award.rank,
                    weekly_cost=award.weekly_cost,
                    awarded_by=award.awarded_by,
                    awarded_at=award.awarded_at,
                )
            )
    except IntegrityError as refused:
        live = live_award(db, award.authority, award.competition_id)
        if live is None:
            raise
        raise AlreadyAwarded(live.awarded_at, live.awarded_by) from refused


def award(db: Connection, authority: str, award_id: UUID, *, hold: bool = False) -> Award:
    """Give an award of the authority, held FOR UPDATE if wished. Raises NoSuchAward."""
    wanted = select(AWARD).where(AWARD.c.authority == authority, AWARD.c.id == award_id)
    row = db.execute(wanted.with_for_update() if hold else wanted).mappings().one_or_none()
    if row is None:
        raise NoSuchAward
    return _award(db, row)


def awards_of(db: Connection, authority: str, competition_id: UUID) -> tuple[Award, ...]:
    rows = db.execute(
        select(AWARD)
        .where(AWARD.c.authority == authority, AWARD.c.competition_id == competition_id)
        .order_by(AWARD.c.awarded_at)
    ).mappings()
    return tuple(_award(db, row) for row in rows)


def live_award(db: Connection, authority: str, competition_id: UUID) -> Award | None:
    live = [one for one in awards_of(db, authority, competition_id) if one.state is not AwardState.REFUSED]
    return live[0] if live else None


def awards(db: Connection, authority: str, state: AwardState) -> tuple[Award, ...]:
    """List the awards in a state whose competition still runs, the oldest first."""
    rows = db.execute(
        select(AWARD)
        .join(
            COMPETITION, and_(COMPETITION.c.authority == AWARD.c.authority, COMPETITION.c.id == AWARD.c.competition_id)
        )
        .where(
            AWARD.c.authority == authority,
            AWARD.c.state == state.value,
            COMPETITION.c.state != State.CANCELLED.value,
        )
        .order_by(AWARD.c.awarded_at)
    ).mappings()
    return tuple(_award(db, row) for row in rows)


def save_award_state(db: Connection, authority: str, award_id: UUID, state: AwardState) -> None:
    db.execute(update(AWARD).where(AWARD.c.authority == authority, AWARD.c.id == award_id).values(state=state.value))


def add_funding(db: Connection, authority: str, award_id: UUID, step: FundingStep) -> None:
    db.execute(
        insert(FUNDING).values(
            authority=authority,
            award_id=award_id,
            approver=step.approver,
            decision=step.decision,
            reason=step.reason,
            decided_at=step.at,
        )
    )


def profile_json(profile: Profile) -> str:
    """Write a profile as it is kept, shown and digested: there is no other form of it."""
    return _json(
        {
            "age_band": profile.age_band,
            "category": profile.category.value,
            "hours": str(profile.hours),
            "hours_band": profile.hours_band,
            "wants": sorted(one.value for one in profile.wants),
            "outward_code": profile.outward_code,
            "needs": [[one.key, one.title, one.level, one.text] for one in profile.needs],
            "risks": [[one.key, one.title, one.level, one.text] for one in profile.risks],
            "outcomes": [list(one) for one in profile.outcomes],
            "pathway_plan": profile.pathway_plan,
            "risk_plan": profile.risk_plan,
            "beds": profile.beds,
        }
    )


def _read_competition(db: Connection, authority: str, competition_id: UUID, *, hold: bool) -> Competition:
    wanted = select(COMPETITION).where(COMPETITION.c.authority == authority, COMPETITION.c.id == competition_id)
    row = db.execute(wanted.with_for_update() if hold else wanted).mappings().one_or_none()
    if row is None:
        raise NoSuchCompetition
    return _competition(row)


def _invitation(authority: str, invitation_id: UUID) -> Update:
    return update(INVITATION).where(INVITATION.c.authority == authority, INVITATION.c.id == invitation_id)


def _gate(row: RowMapping) -> Gate:
    profile = json.loads(row["profile"])
    return Gate(
        row["authority"],
        CompetitionId(row["competition_id"]),
        row["referral_id"],
        InvitationId(row["invitation_id"]),
        ProviderId(row["provider_id"]),
        row["reference"],
        State(row["state"]),
        # In UTC: these come in the server's zone, and Python compares two times of one zone by their wall clock.
        Window(row["opens_at"].astimezone(UTC), row["closes_at"].astimezone(UTC)),
        Price(row["accommodation_weekly"], row["support_hourly"]),
        CategoryCode(row["category"]),
        row["hours"],
        frozenset(Wants(one) for one in profile["wants"]),
        _questions(row["questions"]),
        row["offer_code"],
        row["versions"],
        row["standing_bid"],
        row["answered"],
        row["now"].astimezone(UTC),
    )


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
        _profile(row["profile"]),
        _questions(row["questions"]),
        row["budget_weekly"],
        row["housing_benefit_weekly"],
        row["legal_basis"],
        row["age"],
    )


def _profile(text: str) -> Profile:
    raw = json.loads(text)
    return Profile(
        raw["age_band"],
        CategoryCode(raw["category"]),
        Decimal(raw["hours"]),
        raw["hours_band"],
        frozenset(Wants(one) for one in raw["wants"]),
        raw["outward_code"],
        tuple(Coded(*one) for one in raw["needs"]),
        tuple(Coded(*one) for one in raw["risks"]),
        tuple((key, words) for key, words in raw["outcomes"]),
        raw["pathway_plan"],
        raw["risk_plan"],
        raw["beds"],
    )


def _questions(text: str) -> tuple[Question, ...]:
    return tuple(Question(*one) for one in json.loads(text))


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


def _bid(row: RowMapping) -> Bid:
    raw = json.loads(row["content"])
    price = Price(
        None if raw["accommodation_weekly"] is None else Decimal(raw["accommodation_weekly"]),
        None if raw["support_hourly"] is None else Decimal(raw["support_hourly"]),
    )
    return Bid(
        BidId(row["id"]),
        CompetitionId(row["competition_id"]),
        ProviderId(row["provider_id"]),
        InvitationId(row["invitation_id"]),
        row["version"],
        Offer(price, date.fromisoformat(raw["earliest_start"]), Place(**raw["place"]), raw["answers"]),
        row["received_at"],
        row["digest"],
    )


def _award(db: Connection, row: RowMapping) -> Award:
    steps = db.execute(
        select(FUNDING)
        .where(FUNDING.c.authority == row["authority"], FUNDING.c.award_id == row["id"])
        .order_by(FUNDING.c.decided_at)
    )
    return Award(
        row["authority"],
        AwardId(row["id"]),
        CompetitionId(row["competition_id"]),
        BidId(row["bid_id"]),
        ProviderId(row["provider_id"]),
        AwardState(row["state"]),
        row["reason"],
        row["rank"],
        row["weekly_cost"],
        row["awarded_by"],
        row["awarded_at"],
        tuple(FundingStep(step.approver, step.decision, step.reason, step.decided_at) for step in steps),
    )


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
