"""The verbs of a referral."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from brokerage.reading import Fault, NotValid
from brokerage.referrals import rules, store
from brokerage.referrals.errors import NotEligible, NotNow
from brokerage.referrals.events import (
    ExceptionAdmitted,
    ReferralRaised,
    ReferralStarted,
    ReferralWithdrawn,
    SectionSaved,
)
from brokerage.referrals.model import Admission, ReferralId, State, Verb
from brokerage.referrals.rules.reading import SECTIONS, read_referral
from matrix.model import Edition
from matrix.rules.eligibility import UNDER_16


def start_referral(db: Connection, authority: str, by: UUID | None, now: datetime) -> ReferralStarted:
    """Begin a draft that can be saved and come back to."""
    referral_id, reference = ReferralId(uuid4()), rules.new_reference("R")
    store.add_draft(db, authority, referral_id, reference, by, now)
    return ReferralStarted(authority, referral_id, reference)


def save_section(
    db: Connection,
    authority: str,
    referral_id: UUID,
    section: str,
    values: Mapping[str, object],
    now: datetime,
) -> SectionSaved:
    """Keep one section of a draft as typed, finished or not.

    Raises NotNow once it is raised, NotValid for fields of another section.
    """
    held = store.hold(db, authority, referral_id)
    if held.state is not State.DRAFT:
        raise NotNow(held.state, Verb.RAISE)
    stray = tuple(
        Fault(f"/{name}", f"There is no field called {name} here") for name in set(values) - set(SECTIONS[section])
    )
    if stray:
        raise NotValid(stray)
    document = {name: value for name, value in held.document.items() if name not in SECTIONS[section]} | dict(values)
    store.save_document(db, authority, referral_id, document, now)
    return SectionSaved(authority, referral_id, section)


def admit_exception(
    db: Connection, authority: str, referral_id: UUID, by: UUID, name: str, reason: str, rule: str, now: datetime
) -> ExceptionAdmitted:
    """Admit somebody whom a rule refuses, on a named authoriser's word (A1). Never anybody under 16 (S5)."""
    if rule == UNDER_16.rule:
        raise NotEligible(UNDER_16.rule, (UNDER_16.text, UNDER_16.next_step))
    held = store.hold(db, authority, referral_id)
    if held.state is not State.DRAFT:
        raise NotNow(held.state, Verb.RAISE)
    store.save_exception(db, authority, referral_id, Admission(by, name, rule, reason, now))
    return ExceptionAdmitted(authority, referral_id, rule, hashlib.sha256(reason.encode()).hexdigest(), now)


def raise_referral(
    db: Connection,
    authority: str,
    referral_id: UUID,
    edition: Edition,
    by: UUID | None,
    today: date,
    now: datetime,
    *,
    strict: bool,
) -> ReferralRaised:
    """Complete a draft: score it, make the market's words, keep both for ever.

    Raises NotValid for what is missing or wrong, NotEligible for a refusal (A1), NotNow, IdentityWouldShow.
    """
    held = store.hold(db, authority, referral_id)
    document = {"on": today.isoformat(), **held.document}
    new = read_referral(document, edition, today, strict=strict)
    assessment = rules.assess_referral(edition, new, held.exception, today)
    category, hours = rules.decided(new, assessment)
    state = rules.move(held.state, rules.raising(hours))
    market, replacements = rules.for_market(new)
    store.save_document(db, authority, referral_id, document, now)
    store.save_raised(db, authority, referral_id, state, new, assessment, category, hours, market, by, now)
    assert assessment.category is not None  # assess_referral refuses anything else
    assert assessment.hours is not None
    return ReferralRaised(
        authority,
        referral_id,
        held.reference,
        assessment.edition,
        assessment.outcome.value,
        category,
        assessment.category,
        hours,
        assessment.hours,
        new.urgency.value,
        replacements,
        hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest(),
    )


def move_referral(db: Connection, authority: str, referral_id: UUID, verb: Verb, now: datetime) -> tuple[State, State]:
    """Carry a referral along its life cycle; give the state it was in and the one it is in.

    Raises NotNow, NoSuchReferral.
    """
    held = store.hold(db, authority, referral_id)
    state = rules.move(held.state, verb)
    store.save_states(db, authority, (referral_id,), state, now)
    return held.state, state


def move_referrals(db: Connection, authority: str, referral_ids: Collection[UUID], verb: Verb, now: datetime) -> None:
    """Carry several referrals along their life cycle. Raises NotNow, NoSuchReferral."""
    moved: dict[State, list[UUID]] = {}
    for referral_id, state in store.hold_states(db, authority, referral_ids).items():
        moved.setdefault(rules.move(state, verb), []).append(referral_id)
    for state, ids in moved.items():
        store.save_states(db, authority, ids, state, now)


def withdraw_referral(
    db: Connection, authority: str, referral_id: UUID, reason: str, now: datetime
) -> ReferralWithdrawn:
    """End a referral that is not needed any more; the reason may name somebody, so it stays here. Raises NotNow."""
    move_referral(db, authority, referral_id, Verb.WITHDRAW, now)
    store.save_withdrawn_reason(db, authority, referral_id, reason)
    return ReferralWithdrawn(authority, referral_id, hashlib.sha256(reason.encode()).hexdigest())
