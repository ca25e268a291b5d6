"""Every statement about referrals. Identity goes to a table of its own and comes back only for staff."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, RowMapping, Select, Update, Uuid, any_, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from brokerage.referrals.errors import AlreadyInMarket, NoSuchReferral
from brokerage.referrals.model import (
    Admission,
    Draft,
    ListedReferral,
    MarketReason,
    MarketText,
    NewReferral,
    Origin,
    Referral,
    ReferralId,
    State,
    Urgency,
    WantedOutcome,
)
from brokerage.referrals.rules.reading import read_referral
from brokerage.referrals.tables import REFERRAL, YOUNG_PERSON
from lots.model import CategoryCode
from matrix.model import Assessment, Edition
from matrix.rules import assessment_bytes, read_assessment

IDENTITY = ("young_person", "date_of_birth")
LOOKING = (State.DRAFT, State.RAISED, State.SEEKING, State.BESPOKE)
"""How far a referral is that still looks for a home."""


@dataclass(frozen=True, slots=True)
class Held:
    """The life cycle of a referral, held FOR UPDATE."""

    state: State
    reference: str
    document: Mapping[str, object]
    exception: Admission | None
    started_at: datetime


def add_draft(
    db: Connection, authority: str, referral_id: ReferralId, reference: str, by: UUID | None, now: datetime
) -> None:
    db.execute(
        insert(REFERRAL).values(
            authority=authority,
            id=referral_id,
            reference=reference,
            state=State.DRAFT.value,
            document="{}",
            started_at=now,
            started_by=by,
            changed_at=now,
        )
    )
    _save_identity(db, authority, referral_id, {})


def hold(db: Connection, authority: str, referral_id: UUID) -> Held:
    """Lock one referral of the authority and give what decides about it. Raises NoSuchReferral."""
    row = db.execute(_one(authority, referral_id).with_for_update(of=REFERRAL)).mappings().one_or_none()
    if row is None:
        raise NoSuchReferral
    return Held(State(row["state"]), row["reference"], _document(row), _exception(row["exception"]), row["started_at"])


def save_document(
    db: Connection,
    authority: str,
    referral_id: UUID,
    document: Mapping[str, object],
    now: datetime,
) -> None:
    rest = {name: value for name, value in document.items() if name not in IDENTITY}
    db.execute(
        _change(authority, referral_id).values(
            document=_json(rest), changed_at=now, urgency=_urgency(document.get("urgency"))
        )
    )
    _save_identity(db, authority, referral_id, document)


def save_exception(db: Connection, authority: str, referral_id: UUID, exception: Admission) -> None:
    text = _json(
        {
            "authorised_by": str(exception.authorised_by),
            "name": exception.name,
            "rule": exception.rule,
            "reason": exception.reason,
            "at": exception.at.isoformat(),
        }
    )
    db.execute(_change(authority, referral_id).values(exception=text, changed_at=exception.at))


def save_withdrawn_reason(db: Connection, authority: str, referral_id: UUID, reason: str) -> None:
    db.execute(_change(authority, referral_id).values(withdrawn_reason=reason))


def save_raised(
    db: Connection,
    authority: str,
    referral_id: UUID,
    state: State,
    new: NewReferral,
    assessment: Assessment,
    category: CategoryCode,
    hours: Decimal,
    market: MarketText,
    by: UUID | None,
    now: datetime,
) -> None:
    db.execute(
        _change(authority, referral_id).values(
            state=state.value,
            bespoke=state is State.BESPOKE,
            assessment=assessment_bytes(assessment).decode(),
            category=category.value,
            hours=hours,
            urgency=new.urgency.value,
            market=_json(
                {
                    "outcomes": [[outcome.key, outcome.text] for outcome in market.outcomes],
                    "risk_plan": market.risk_plan,
                    "pathway_plan": market.pathway_plan,
                }
            ),
            raised_at=now,
            raised_by=by,
            changed_at=now,
        )
    )


def hold_states(db: Connection, authority: str, referral_ids: Collection[UUID]) -> Mapping[UUID, State]:
    """Lock several referrals of the authority and give the state of each. Raises NoSuchReferral."""
    rows = db.execute(
        select(REFERRAL.c.id, REFERRAL.c.state)
        .where(REFERRAL.c.authority == authority, REFERRAL.c.id == any_(literal(list(referral_ids), ARRAY(Uuid))))
        .order_by(REFERRAL.c.id)
        .with_for_update()
    )
    found = {row.id: State(row.state) for row in rows}
    if len(found) < len(set(referral_ids)):
        raise NoSuchReferral
    return found


def save_states(db: Connection, authority: str, referral_ids: Collection[UUID], state: State, now: datetime) -> None:
    values: dict[str, Any] = {"state": state.value, "changed_at": now}
    if state in {State.RAISED, State.BESPOKE}:
        values["bespoke"] = state is State.BESPOKE  # kept while it is looked for, placed or withdrawn
    db.execute(
        update(REFERRAL)
        .where(REFERRAL.c.authority == authority, REFERRAL.c.id == any_(literal(list(referral_ids), ARRAY(Uuid))))
        .values(**values)
    )


def draft(db: Connection, authority: str, referral_id: UUID) -> Draft:
    row = db.execute(_one(authority, referral_id)).mappings().one_or_none()
    if row is None:
        raise NoSuchReferral
    return Draft(
        authority,
        ReferralId(row["id"]),
        row["reference"],
        _document(row),
        row["started_at"],
        row["started_by"],
        _exception(row["exception"]),
    )


def state_of(db: Connection, authority: str, referral_id: UUID) -> State:
    state = db.execute(
        select(REFERRAL.c.state).where(REFERRAL.c.authority == authority, REFERRAL.c.id == referral_id)
    ).scalar_one_or_none()
    if state is None:
        raise NoSuchReferral
    return State(state)


def referral(db: Connection, authority: str, referral_id: UUID, editions: Mapping[str, Edition]) -> Referral:
    """Give a raised referral, read with the edition it was scored with. Raises NoSuchReferral."""
    row = db.execute(_one(authority, referral_id)).mappings().one_or_none()
    if row is None or row["assessment"] is None or row["market"] is None:
        raise NoSuchReferral
    assessment = read_assessment(row["assessment"].encode())
    market = json.loads(row["market"])
    document = _document(row)
    on = date.fromisoformat(str(document["on"]))
    return Referral(
        authority,
        ReferralId(row["id"]),
        row["reference"],
        State(row["state"]),
        read_referral(document, editions[assessment.edition], on, strict=False),
        assessment,
        CategoryCode(row["category"]),
        row["hours"],
        MarketText(
            tuple(WantedOutcome(key, text) for key, text in market["outcomes"]),
            market["risk_plan"],
            market["pathway_plan"],
        ),
        row["raised_at"],
        row["raised_by"],
        _exception(row["exception"]),
    )


def listed(
    db: Connection, authority: str, states: tuple[State, ...] = (), words: str = ""
) -> tuple[ListedReferral, ...]:
    """List the authority's referrals, last changed first; each of `words` is in the reference or in the name."""
    wanted = (
        select(REFERRAL, YOUNG_PERSON.c.given_name, YOUNG_PERSON.c.family_name)
        .join(
            YOUNG_PERSON,
            (YOUNG_PERSON.c.authority == REFERRAL.c.authority) & (YOUNG_PERSON.c.referral_id == REFERRAL.c.id),
        )
        .where(REFERRAL.c.authority == authority)
        .order_by(REFERRAL.c.changed_at.desc(), REFERRAL.c.id)
        .limit(500)
    )
    if states:
        wanted = wanted.where(REFERRAL.c.state.in_([state.value for state in states]))
    for word in _storable(words).split():
        wanted = wanted.where(
            or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (REFERRAL.c.reference, YOUNG_PERSON.c.given_name, YOUNG_PERSON.c.family_name)
                )
            )
        )
    return tuple(
        ListedReferral(
            ReferralId(row["id"]),
            row["reference"],
            State(row["state"]),
            f"{row['given_name']} {row['family_name']}".strip(),
            row["category"],
            row["hours"],
            row["urgency"],
            row["changed_at"],
        )
        for row in db.execute(wanted).mappings()
    )


def save_origin(db: Connection, authority: str, referral_id: UUID, origin: Origin) -> None:
    """Keep from which agreement a referral went back to the market; raise AlreadyInMarket where another did."""
    try:
        with db.begin_nested():
            db.execute(
                _change(authority, referral_id).values(
                    from_agreement=origin.agreement_id, from_reason=origin.reason.value, from_why=origin.why
                )
            )
    except IntegrityError as refused:
        looking = [one for one in from_agreement(db, authority, origin.agreement_id) if one.state in LOOKING]
        if not looking:
            raise
        raise AlreadyInMarket(looking[0].id, looking[0].reference) from refused


def origin(db: Connection, authority: str, referral_id: UUID) -> Origin | None:
    """Give from which agreement a referral went back to the market, if from one."""
    row = db.execute(
        select(REFERRAL.c.from_agreement, REFERRAL.c.from_reason, REFERRAL.c.from_why).where(
            REFERRAL.c.authority == authority, REFERRAL.c.id == referral_id
        )
    ).one_or_none()
    if row is None or row.from_agreement is None:
        return None
    return Origin(row.from_agreement, MarketReason(row.from_reason), row.from_why)


def from_agreement(db: Connection, authority: str, agreement_id: UUID) -> tuple[ListedReferral, ...]:
    """List the referrals that went back to the market from an agreement, the last first."""
    rows = db.execute(
        select(REFERRAL)
        .where(REFERRAL.c.authority == authority, REFERRAL.c.from_agreement == agreement_id)
        .order_by(REFERRAL.c.started_at.desc(), REFERRAL.c.id)
    )
    return tuple(
        ListedReferral(
            ReferralId(row.id),
            row.reference,
            State(row.state),
            "",
            row.category,
            row.hours,
            row.urgency,
            row.changed_at,
        )
        for row in rows
    )


def withdrawn_reason(db: Connection, authority: str, referral_id: UUID) -> str:
    """Give the reason for which a referral was withdrawn; "" where none was."""
    return (
        db.execute(
            select(REFERRAL.c.withdrawn_reason).where(REFERRAL.c.authority == authority, REFERRAL.c.id == referral_id)
        ).scalar_one_or_none()
        or ""
    )


def names(db: Connection, authority: str, referral_ids: list[UUID]) -> dict[UUID, str]:
    """Give the names behind referral ids, for staff of the authority only."""
    rows = db.execute(
        select(YOUNG_PERSON.c.referral_id, YOUNG_PERSON.c.given_name, YOUNG_PERSON.c.family_name).where(
            YOUNG_PERSON.c.authority == authority, YOUNG_PERSON.c.referral_id.in_(referral_ids)
        )
    )
    return {row.referral_id: f"{row.given_name} {row.family_name}".strip() for row in rows}


def _one(authority: str, referral_id: UUID) -> Select[tuple[object, ...]]:
    return (
        select(REFERRAL, YOUNG_PERSON.c.typed)
        .join(
            YOUNG_PERSON,
            (YOUNG_PERSON.c.authority == REFERRAL.c.authority) & (YOUNG_PERSON.c.referral_id == REFERRAL.c.id),
        )
        .where(REFERRAL.c.authority == authority, REFERRAL.c.id == referral_id)
    )


def _change(authority: str, referral_id: UUID) -> Update:
    return update(REFERRAL).where(REFERRAL.c.authority == authority, REFERRAL.c.id == referral_id)


def _save_identity(db: Connection, authority: str, referral_id: UUID, document: Mapping[str, object]) -> None:
    """Keep who it is as typed, and in columns for finding; a draft may have only some of it."""
    raw = document.get("young_person")
    person: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
    values = {
        "given_name": _storable(str(person.get("given_name") or "")),
        "family_name": _storable(str(person.get("family_name") or "")),
        "typed": _json({name: document[name] for name in IDENTITY if name in document}),
    }
    db.execute(
        upsert(YOUNG_PERSON)
        .values(authority=authority, referral_id=referral_id, **values)
        .on_conflict_do_update(constraint="young_person_pkey", set_=values)
    )


def _document(row: RowMapping) -> dict[str, object]:
    document: dict[str, object] = json.loads(row["document"])
    identity: dict[str, object] = json.loads(row["typed"])
    return document | identity


def _exception(text: str | None) -> Admission | None:
    if text is None:
        return None
    raw = json.loads(text)
    at = datetime.fromisoformat(raw["at"])
    return Admission(UUID(raw["authorised_by"]), raw["name"], raw["rule"], raw["reason"], at)


def _urgency(typed: object) -> str | None:
    return typed if isinstance(typed, str) and typed in set(Urgency) else None


def _storable(text: str) -> str:
    """Leave out what PostgreSQL cannot keep in a text: nothing is refused while it is only a draft."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _json(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair is kept as its JSON escape
