"""Who can take a young person tonight, who was called, which numbers wait for their test call (A17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from brokerage.desk.clock import LONDON, day_in_london, instants_in_london
from brokerage.desk.sheet import Near, SheetFacts
from brokerage.desk.views.awards import people
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Authority, Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import ListedReferral
from brokerage.referrals.model import State as ReferralState
from lots import rules
from lots import service as lots_service
from lots import store as lots
from lots.errors import NoSuchEntry, NotNow
from lots.model import (
    Call,
    CallId,
    Exclusion,
    FreeBed,
    LinePurpose,
    Need,
    NightContact,
    NightContactId,
    NightSheet,
    Property,
    Provider,
    ProviderId,
    ReadyIn,
    Tested,
    TonightIn,
    Wants,
)
from placements.rules import information_due

NIGHT_BEGINS: Final = time(22)
"""From then to nine in the morning a provider's number for emergency places is answered (3.3.6)."""

FAR: Final = Decimal(12)
"""The evening's page names nobody who is farther than so many miles from an area."""

NEAREST: Final = 3

TESTS_BACK: Final = timedelta(days=400)
"""Older test calls say nothing about a number any more."""

WAITS: Final = timedelta(days=14)
"""So long a place made at night is looked for among the referrals that are still to be completed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what is looked for tonight: an outward code, an age, and what the bed must be."""

    near: str
    age: int
    single: bool = False
    step_free: bool = False


@dataclass(frozen=True, slots=True)
class TonightView:
    """Hold who can, who cannot and why, and the calls of this night by provider, newest first."""

    asked: Asked
    found: TonightIn
    calls: Mapping[UUID, tuple[Call, ...]]
    names: Mapping[UUID, str]
    known_place: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class NightView:
    """Hold what the Careline has done this night, and its page for the hours without a network."""

    calls: tuple[tuple[Call, Provider], ...]
    names: Mapping[UUID, str]
    sheet: NightSheet | None
    now: datetime


@dataclass(frozen=True, slots=True)
class CallView:
    """Hold a number before it is called: whose it is, and who called it already this night."""

    contact: NightContact
    provider: Provider
    calls: tuple[Call, ...]
    names: Mapping[UUID, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class YesView:
    """Hold a provider's yes on the telephone, and the beds that would do. `beds` are those of the asked age only."""

    call: Call
    contact: NightContact
    ready: ReadyIn | None
    cannot: Exclusion | None
    provider: Provider
    now: datetime


@dataclass(frozen=True, slots=True)
class PlacedView:
    """Hold a place that the Careline made: the bed, the days, and what is due when (3.3.5, A25)."""

    call: Call
    provider: Provider
    contact: NightContact
    reference: str
    beds: tuple[tuple[Property, str], ...]
    starts_on: date
    ends_on: date | None
    information_by: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold a place made at night whose referral is still to be completed, with the 72 hours (A25)."""

    call: Call
    provider: str
    referral: ListedReferral
    information_by: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class TestItem:
    """Hold one number with its provider and how it stands with test calls."""

    __test__ = False  # pytest would take it for a test of its own

    provider: Provider
    state: Tested
    overdue: bool
    failing: bool


@dataclass(frozen=True, slots=True)
class TestsView:
    """Hold every number: those that fail first, then those that wait, then the others."""

    __test__ = False

    items: tuple[TestItem, ...]
    now: datetime
    today: date

    @property
    def overdue(self) -> int:
        """Count the numbers that wait for their test call."""
        return sum(one.overdue for one in self.items)

    @property
    def failing(self) -> int:
        """Count the numbers that failed again and again."""
        return sum(one.failing for one in self.items)


def tonight(work: Work, asked: Asked) -> TonightView:
    """Find who can take a young person tonight, nearest first, with the calls made already (A17)."""
    work.require(Permission.SEE_NIGHTS)
    calls: defaultdict[UUID, list[Call]] = defaultdict(list)
    for call in _calls(work):
        calls[call.provider_id].append(call)
    return TonightView(
        asked,
        _found(work.db, asked, work.now),
        {key: tuple(each) for key, each in calls.items()},
        people(work),
        not asked.near or asked.near in lots.places(),
        work.now,
    )


def night(work: Work) -> NightView:
    """Show this night's calls and the page that was made this evening."""
    work.require(Permission.SEE_NIGHTS)
    register = {one.id: one for one in lots.providers(work.db)}
    return NightView(
        tuple((call, register[ProviderId(call.provider_id)]) for call in _calls(work)),
        people(work),
        lots.night_sheet(work.db, work.authority),
        work.now,
    )


def call_of(work: Work, contact_id: UUID) -> CallView:
    """Show a number that is about to be called. Raises NoSuchEntry."""
    if not people_rules.may(work.actor, Permission.CHANGE_STANDING):
        work.require(Permission.SEE_NIGHTS)
    contact = lots.night_contact(work.db, NightContactId(contact_id))
    return CallView(
        contact,
        lots.provider(work.db, ProviderId(contact.provider_id)),
        tuple(one for one in _calls(work) if one.provider_id == contact.provider_id),
        people(work),
        work.now,
    )


def yes(work: Work, call_id: UUID, asked: Asked) -> YesView:
    """Show a provider's yes and its beds for somebody of the age. Raises NoSuchEntry, NotNow for no yes of tonight."""
    work.require(Permission.PLACE_NOW)
    call = _call(work, call_id)
    rules.check_yes(call, work.now)
    found = _found(work.db, asked, work.now)
    return YesView(
        call,
        lots.night_contact(work.db, call.contact_id),
        next((one for one in found.ready if one.ready.eligible.provider.id == call.provider_id), None),
        next((one for one in found.cannot if one.provider_id == call.provider_id), None),
        lots.provider(work.db, ProviderId(call.provider_id)),
        work.now,
    )


def placed(work: Work, call_id: UUID) -> PlacedView:
    """Show a place that was made on a call's word. Raises NoSuchEntry, NotNow where nobody was placed."""
    work.require(Permission.SEE_NIGHTS)
    call = _call(work, call_id)
    if call.placed_at is None or call.about is None:
        raise NotNow("call", "not used yet", "see who was placed")
    stays = lots.stays(work.db, work.authority, call.about)
    reference = referral_store.draft(work.db, work.authority, call.about).reference
    provider = lots.provider(work.db, ProviderId(call.provider_id))
    held = {stay.hold.bed_id for stay in stays}
    starts_on = min((stay.hold.starts_on for stay in stays), default=call.placed_at.astimezone(LONDON).date())
    return PlacedView(
        call,
        provider,
        lots.night_contact(work.db, call.contact_id),
        reference,
        tuple(
            (home, room.name)
            for home in lots.homes(work.db, provider.id).get(provider.id, ())
            for room in home.rooms
            for bed in room.beds
            if bed.id in held
        ),
        starts_on,
        stays[0].hold.ends_on if stays else None,
        information_due(call.placed_at),
    )


def placed_waiting(work: Work) -> tuple[Waiting, ...]:
    """List the places made at night whose referral is not complete yet, for the placements team (A25)."""
    if not people_rules.may(work.actor, Permission.RAISE_REFERRAL):
        return ()
    made = [one for one in lots.calls_since(work.db, work.authority, work.now - WAITS) if one.placed_at is not None]
    if not made:
        return ()
    drafts = {one.id: one for one in referral_store.listed(work.db, work.authority, (ReferralState.DRAFT,))}
    names = {one.id: one.name for one in lots.providers(work.db)}
    found = []
    for call in made:
        draft = next((one for key, one in drafts.items() if key == call.about), None)
        if draft is not None and call.placed_at is not None:
            due = information_due(call.placed_at)
            found.append(Waiting(call, names[ProviderId(call.provider_id)], draft, due, due <= work.now))
    return tuple(sorted(found, key=lambda one: one.information_by))


def night_tests(work: Work) -> TestsView:
    """List every number out of hours with its test calls: what fails first, then what is overdue (A17)."""
    work.require(Permission.SEE_REGISTER)
    return _tests(work.db, work.authority, work.now)


def night_sheet(work: Work) -> NightSheet:
    """Give the page that was made last. Raises NoSuchEntry before the first evening."""
    work.require(Permission.SEE_NIGHTS)
    found = lots.night_sheet(work.db, work.authority)
    if found is None:
        raise NoSuchEntry("page of the night", work.actor.person_id or UUID(int=0))
    return found


def sheet_facts(db: Connection, council: Authority, now: datetime) -> SheetFacts:
    """Gather what the page of the coming night says: as it will be at ten, or as it is when that is past."""
    today = day_in_london(now)
    at = max(now, *instants_in_london(today, NIGHT_BEGINS))
    found = _found(db, Asked("", rules.OFSTED_UNDER), at)
    lines = {
        str(key): tuple(one for one in each if one.line.purpose is LinePurpose.EMERGENCY_PLACES)
        for key, each in lots.night_contacts(db).items()
    }
    return SheetFacts(
        council.name,
        council.office_phone,
        today,
        now,
        tuple(sorted(found.ready, key=lambda one: one.ready.eligible.provider.name.casefold())),
        tuple(one for one in found.cannot if one.rule != "S4.not_registered"),
        lines,
        _nearest(found.ready),
        _tests(db, council.key, now).overdue,
    )


def beds_for(work: Work, provider_id: ProviderId, age: int, on: date) -> tuple[FreeBed, ...]:
    """List the beds of a provider that are free on a day, in homes that would do for the age, by home and room."""
    need = Need(rules.NIGHT_CATEGORIES[0], age, frozenset({Wants.ACCOMMODATION}), Decimal(0), 1)
    return rules.free_beds(
        lots.provider(work.db, provider_id),
        lots.homes(work.db, provider_id).get(provider_id, ()),
        lots.taken_on(work.db, on),
        need,
        on,
        None,
        lots.places(),
    )


def _found(db: Connection, asked: Asked, at: datetime) -> TonightIn:
    need = Need(rules.NIGHT_CATEGORIES[0], asked.age, frozenset({Wants.ACCOMMODATION}), Decimal(0), 1)
    return lots_service.tonight_in(db, need, asked.near or None, at, single=asked.single, step_free=asked.step_free)


def _nearest(ready: tuple[ReadyIn, ...]) -> tuple[Near, ...]:
    """Say for each area who is nearest, as far as somebody is near at all."""
    places = lots.places()
    homes = {one.ready.eligible.provider.name: {bed.property.outward_code for bed in one.ready.beds} for one in ready}
    found = []
    for code in places:
        away = sorted(
            (min(miles), name)
            for name, codes in homes.items()
            if (miles := [far for each in codes if (far := rules.miles(code, each, places)) is not None])
        )
        close = tuple((name, far) for far, name in away if far <= FAR)[:NEAREST]
        if close:
            found.append(Near(code, close))
    return tuple(found)


def _calls(work: Work) -> tuple[Call, ...]:
    return lots.calls_since(work.db, work.authority, work.now - rules.CALL_HOLDS)


def _call(work: Work, call_id: UUID) -> Call:
    return lots.call(work.db, work.authority, CallId(call_id))


def _tests(db: Connection, authority: str, now: datetime) -> TestsView:
    today = day_in_london(now)
    made: defaultdict[UUID, list[Call]] = defaultdict(list)
    for call in lots.test_calls(db, authority, now - TESTS_BACK):
        made[call.contact_id].append(call)
    register = {one.id: one for one in lots.providers(db)}
    items = []
    for key, contacts in lots.night_contacts(db).items():
        for contact in contacts:
            state = rules.tried_out(contact, made[contact.id])
            items.append(TestItem(register[key], state, rules.overdue(state, today), state.failures >= rules.REPEATED))
    items.sort(key=lambda one: (not one.failing, not one.overdue, one.provider.name.casefold(), one.state.contact.id))
    return TestsView(tuple(items), now, today)
