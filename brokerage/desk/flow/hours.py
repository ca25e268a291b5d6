"""Hours of support: recorded, sent as a file, answered for by the young person, looked at each week (A35)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from brokerage.desk.clock import day_in_london
from brokerage.desk.flow.agreements import agreement_of, party_of
from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Permission
from brokerage.people.rules import digest, new_secret
from brokerage.referrals import rules as referral_rules
from brokerage.referrals import store as referral_store
from brokerage.referrals.rules.redaction import redact
from lots.model import ProviderId
from placements import rules, service
from placements import store as placement_store
from placements.events import HoursLinkMade, HoursRecorded, WeekChecked, WeekSigned
from placements.model import Agreement, AgreementId, HoursEntry, HoursLink, Party, RowFault, TimesheetRow

UNKNOWN: Final = "no_agreement"
"""The fault of a row whose agreement is none of the asker's."""


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """A timesheet held against the agreements it names: good rows and faults by line, nothing changed.

    `places` says where each reference leads: authority and agreement.
    """

    rows: tuple[TimesheetRow, ...]
    faults: tuple[RowFault, ...]
    places: Mapping[str, tuple[str, AgreementId]]


@dataclass(frozen=True, slots=True)
class ShownWeek:
    """What the young person's link shows: a week's hours, who asks, and the digest of what is shown."""

    link: HoursLink
    reference: str
    provider_id: ProviderId
    authority: str
    entries: tuple[HoursEntry, ...]
    digest: str


def record_hours(
    work: Work, agreement_id: UUID, entries: tuple[HoursEntry, ...], *, whole: date | None = None, reason: str = ""
) -> HoursRecorded:
    """Keep hours given, for the provider or for the council on its behalf (A35).

    With `whole`, a Monday, the entries are all that was given in its week. `reason` says why a week has more hours than
    were bought. Raises NoSuchAgreement, OutsideStay, StillToCome or AboveCommissioned.
    """
    require_hours(work)
    found = agreement_of(work, agreement_id)
    mondays = {rules.monday_of(each.on) for each in entries} | ({whole} if whole else set())
    event = service.record_hours(
        work.db,
        found.authority,
        found.id,
        entries,
        hand_of(work),
        work.now,
        whole=whole,
        reasons=dict.fromkeys(mondays, for_provider(work, found, reason)),
    )
    if event.entries:
        work.record(event, found.referral_id)
    return event


def make_link(work: Work, agreement_id: UUID, week: date) -> tuple[str, HoursLinkMade]:
    """Make a link for the young person's phone; give its token, which is stored nowhere (A35).

    Raises NoSuchAgreement or NothingToSign.
    """
    require_hours(work)
    found = agreement_of(work, agreement_id)
    token = new_secret()
    event = service.make_link(
        work.db, found.authority, found.id, rules.monday_of(week), digest(token), hand_of(work), work.now
    )
    work.record(event, found.referral_id)
    return token, event


def look_at_link(work: Work, token: str) -> ShownWeek:
    """Show a week's hours by the young person's link; changes nothing. Raises NoSuchLink or LinkOver."""
    link = placement_store.link(work.db, digest(token))
    rules.check_link(link, work.now)
    found = placement_store.agreement(work.db, link.authority, link.agreement_id)
    entries = placement_store.hours_given(
        work.db, link.authority, link.agreement_id, link.week, link.week + rules.WEEK - rules.DAY
    )
    return ShownWeek(link, found.reference, found.provider_id, link.authority, entries, rules.hours_digest(entries))


def answer_by_link(work: Work, token: str, right: bool, words: str, shown: str) -> WeekSigned:
    """Keep the young person's own word on a week, once; no sign-in (A35).

    Raises NoSuchLink, LinkOver, NothingToSign or HoursChanged.
    """
    link = placement_store.link(work.db, digest(token))
    placement_store.hold_agreement(work.db, link.authority, link.agreement_id)
    work.tick()
    event = service.answer_by_link(work.db, digest(token), right, words, shown, work.now)
    work.record(event, event.referral_id)
    return event


def check_timesheet(work: Work, raw: bytes) -> CheckedSheet:
    """Hold a timesheet against the agreements it names, row by row; changes nothing (A35).

    Raises TimesheetUnreadable where the file is none.
    """
    require_hours(work)
    read = rules.read_timesheet(raw)
    by_reference: defaultdict[str, list[TimesheetRow]] = defaultdict(list)
    for row in read.rows:
        by_reference[row.reference].append(row)
    own = work.actor.provider_id
    places = placement_store.by_reference(
        work.db, by_reference, None if own is None else ProviderId(own), work.actor.authority
    )
    faults = list(read.faults)
    for reference, rows in by_reference.items():
        if reference not in places:
            faults += [RowFault(row.line, UNKNOWN, "agreement", reference) for row in rows]
    for authority in {place for place, _ in places.values()}:
        mine = {reference: found for reference, (place, found) in places.items() if place == authority}
        faults += _stay_faults(work, authority, mine, by_reference)
    bad = {fault.line for fault in faults}
    good = tuple(row for row in read.rows if row.line not in bad)
    return CheckedSheet(good, tuple(sorted(faults, key=lambda fault: fault.line)), places)


def record_timesheet(work: Work, checked: CheckedSheet) -> int:
    """Keep the good rows of a timesheet that was checked in this very transaction; answer how many entries changed.

    Each agreement is held while its hours are checked once more (A35). Raises what `record_hours` raises.
    """
    by_place: defaultdict[tuple[str, AgreementId], list[TimesheetRow]] = defaultdict(list)
    for row in checked.rows:
        by_place[checked.places[row.reference]].append(row)
    changed = 0
    for (authority, agreement_id), some in sorted(by_place.items()):  # one order, so that two uploads never cross
        reasons = {rules.monday_of(row.entry.on): row.reason for row in some if row.reason}
        event = service.record_hours(
            work.db,
            authority,
            agreement_id,
            tuple(row.entry for row in some),
            hand_of(work),
            work.now,
            reasons=reasons,
        )
        changed += event.entries
        if event.entries:
            work.record(event, event.referral_id)
    return changed


def check_week(work: Work, due_at: datetime) -> WeekChecked:
    """Look at the week that was over when the look fell due, for all agreements of the authority at once (A35)."""
    week = rules.monday_of(day_in_london(due_at)) - rules.WEEK
    event = service.check_week(work.db, work.authority, week, work.now)
    work.record(event, None)
    return event


def require_hours(work: Work) -> None:
    """Let a provider's people record hours, and those of the council who review the placement. Raises NotAllowed."""
    of_firm = work.actor.provider_id is not None
    work.require(Permission.DELIVER if of_firm else Permission.REVIEW_PLACEMENT)


def hand_of(work: Work) -> UUID:
    """Give who acts, of a provider or of the council; the firm where the person is not known. Raises NotSignedIn."""
    found = work.actor.person_id or work.actor.provider_id
    if found is None:
        raise NotSignedIn
    return found


def for_provider(work: Work, found: Agreement, text: str) -> str:
    """Redact a few words of the council that the provider will read (S7)."""
    if not text or party_of(work) is Party.PROVIDER:
        return text
    referral = referral_store.referral(work.db, found.authority, found.referral_id, editions())
    return redact(text, referral_rules.known(referral.new.young_person)).text


def _stay_faults(
    work: Work,
    authority: str,
    places: Mapping[str, AgreementId],
    by_reference: Mapping[str, list[TimesheetRow]],
) -> list[RowFault]:
    # A day to come is a fault whatever else there is; far ones must not stretch what is read.
    days = [min(row.entry.on, work.today) for reference in places for row in by_reference[reference]]
    first, last = rules.monday_of(min(days)), rules.monday_of(max(days)) + timedelta(days=6)
    kept = placement_store.kept_hours(work.db, authority, list(places.values()), first, last)
    faults: list[RowFault] = []
    for reference, agreement_id in places.items():
        facts = kept[agreement_id]
        faults += rules.row_faults(
            by_reference[reference], facts.first, facts.last, facts.versions, facts.hours, facts.reasons, work.today
        )
    return faults
