"""Out of hours: calls, places by telephone, test calls, and the page of each evening (A17, A25)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from brokerage.desk.sheet import write
from brokerage.desk.views.nights import sheet_facts
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission, Role
from brokerage.referrals import service as referrals
from brokerage.referrals import store as referral_store
from lots import service as lots_service
from lots import store as lots
from lots.events import CallLogged, NightSheetMade, PlacedNow
from lots.model import (
    BedId,
    Call,
    CallId,
    CallKind,
    CallOutcome,
    CategoryCode,
    Need,
    NightContactId,
    NightSheet,
    NightSheetId,
    Wants,
)


@dataclass(frozen=True, slots=True)
class Placing:
    """Say who is placed, as far as it is known at night, in which category and bed, and for how many nights.

    The names are for the council's own placements team. `near` is an outward code.
    """

    given_name: str
    family_name: str
    age: int
    category: CategoryCode
    bed_id: BedId
    nights: int
    near: str


def log_call(work: Work, contact_id: UUID, outcome: CallOutcome, note: str) -> CallLogged:
    """Keep a call for a young person, so that no colleague calls the same number (A17). Raises NoSuchEntry."""
    work.require(Permission.PLACE_NOW)
    return _log(work, contact_id, CallKind.REAL, outcome, note)


def log_test_call(work: Work, contact_id: UUID, outcome: CallOutcome, note: str) -> CallLogged:
    """Keep a test call: by the Careline, or by whoever answers for the providers' standing. Raises NoSuchEntry."""
    if not people_rules.may(work.actor, Permission.PLACE_NOW):
        work.require(Permission.CHANGE_STANDING)
    return _log(work, contact_id, CallKind.TEST, outcome, note)


def place_now(work: Work, call_id: UUID, placing: Placing) -> PlacedNow:
    """Place somebody for tonight on a provider's yes: a bed is held, and a draft referral waits in the morning (A25).

    Raises NoSuchEntry, NotNow, NotInStandingTonight, HomeNotFit, BelongsToAnother, or BedTaken with the other's days.
    """
    work.require(Permission.PLACE_NOW)
    started = referrals.start_referral(work.db, work.authority, work.actor.person_id, work.now)
    work.record(started, started.referral_id)
    need = Need(placing.category, placing.age, frozenset({Wants.ACCOMMODATION}), Decimal(0), 1)
    event = lots_service.place_now(
        work.db,
        work.authority,
        CallId(call_id),
        started.referral_id,
        started.reference,
        need,
        [placing.bed_id],
        placing.nights,
        work.now,
    )
    names = {"given_name": placing.given_name, "family_name": placing.family_name}
    document = {
        "young_person": {key: name for key, name in names.items() if name},
        "urgency": "urgent",
        "needed": "same_day",
        "wants": [Wants.ACCOMMODATION.value],
        "beds": 1,
    }
    if placing.near:
        document["outward_code"] = placing.near
    referral_store.save_document(work.db, work.authority, started.referral_id, document, work.now)
    work.record(event, started.referral_id)
    return event


def make_sheet(work: Work) -> NightSheetMade:
    """Make the page of tonight that opens with no network, and set the next evening's (A17).

    The worker does it each evening, the Careline when it wants a newer one.
    """
    if work.actor.role is not Role.SYSTEM:
        work.require(Permission.PLACE_NOW)
    facts = sheet_facts(work.db, work.council(work.authority), work.now)
    html = write(facts)
    sheet = NightSheet(work.authority, NightSheetId(uuid4()), facts.for_on, facts.made_at, html)
    lots.add_night_sheet(work.db, sheet)
    event = NightSheetMade(
        work.authority,
        sheet.id,
        sheet.for_on,
        sheet.made_at,
        hashlib.sha256(html.encode()).hexdigest(),
        len(facts.ready),
        facts.untested,
    )
    work.record(event, None)
    return event


def _log(work: Work, contact_id: UUID, kind: CallKind, outcome: CallOutcome, note: str) -> CallLogged:
    contact = lots.night_contact(work.db, NightContactId(contact_id))
    call = Call(
        work.authority,
        CallId(uuid4()),
        contact.provider_id,
        contact.id,
        kind,
        work.now,
        outcome,
        note,
        by=work.actor.person_id,
    )
    event = lots_service.log_call(work.db, call)
    work.record(event, None)
    return event
