"""The road of a referral: one function a verb. Each checks who asks, acts, and records.

A function's name is the verb's on every floor: web, flow, service, rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import CodeWrong, NoSuchInvitation, OutOfStanding
from brokerage.competitions.events import (
    BidAwarded,
    BidWithdrawn,
    CodeSent,
    CompetitionClosed,
    CompetitionOpened,
    FundingAuthorised,
    FundingRefused,
    FundingSupported,
    InvitationDeclined,
)
from brokerage.competitions.model import (
    Coded,
    Competition,
    DeclineReason,
    Gate,
    Offer,
    Profile,
    Ranked,
    Receipt,
    State,
    Weights,
)
from brokerage.desk.consequences import TimerKind
from brokerage.desk.store import Timer
from brokerage.desk.work import Desk, Work
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Actor, Permission, Role
from brokerage.people.store import person
from brokerage.referrals import rules as referral_rules
from brokerage.referrals import service as referrals
from brokerage.referrals import store as referral_store
from brokerage.referrals.errors import NotEligible
from brokerage.referrals.events import (
    ExceptionAdmitted,
    ReferralRaised,
    ReferralStarted,
    ReferralWithdrawn,
    SectionSaved,
)
from brokerage.referrals.model import Referral, Verb
from brokerage.referrals.rules.reading import read_referral
from brokerage.referrals.rules.redaction import redact
from lots import rules as lot_rules
from lots import store as lots
from lots.model import Eligibility, Exclusion, Need, ProviderId
from matrix import store as matrix
from matrix.model import Edition
from matrix.rules import age_on, band_of, birthday
from placements import service as placements
from placements.events import AgreementOpened, ReviewFellDue
from placements.model import Introduction, ReviewId
from placements.rules import terms_of

FULL_AGE: Final = 18


# Referrals


def start_referral(work: Work) -> ReferralStarted:
    """Begin a draft."""
    work.require(Permission.RAISE_REFERRAL)
    event = referrals.start_referral(work.db, work.authority, work.actor.person_id, work.now)
    work.record(event, event.referral_id)
    return event


def save_section(work: Work, referral_id: UUID, section: str, values: Mapping[str, object]) -> SectionSaved:
    """Keep one section of a draft as typed, finished or not."""
    work.require(Permission.RAISE_REFERRAL)
    event = referrals.save_section(work.db, work.authority, referral_id, section, values, work.now)
    work.record(event, referral_id)
    return event


def admit_exception(work: Work, referral_id: UUID, rule: str, reason: str) -> ExceptionAdmitted:
    """Admit, on a named authoriser's word, somebody whom a rule refuses (A1)."""
    work.require(Permission.ADMIT_EXCEPTION)
    by = _person_id(work.actor)
    event = referrals.admit_exception(work.db, work.authority, referral_id, by, work.actor.name, reason, rule, work.now)
    work.record(event, referral_id)
    return event


def raise_referral(work: Work, document: Mapping[str, object]) -> ReferralRaised:
    """Raise a complete referral in one step, as other systems send it (A1, A7)."""
    work.require(Permission.RAISE_REFERRAL)
    started = start_referral(work)
    referral_store.save_document(work.db, work.authority, started.referral_id, document, work.now)
    return _raise(work, started.referral_id, strict=False)


def raise_draft(work: Work, referral_id: UUID) -> ReferralRaised:
    """Raise a draft whose sections are all complete."""
    work.require(Permission.RAISE_REFERRAL)
    return _raise(work, referral_id, strict=True)


def withdraw_referral(work: Work, referral_id: UUID, reason: str) -> ReferralWithdrawn:
    """Withdraw a referral that is no longer needed; a running competition is cancelled and all are told."""
    work.require(Permission.OPEN_COMPETITION)
    _cancel_running(work, referral_id, reason)
    event = referrals.withdraw_referral(work.db, work.authority, referral_id, reason, work.now)
    _cancel_running(work, referral_id, reason)  # one may have opened while this waited for the referral
    work.record(event, referral_id)
    return event


# Competitions


def open_competition(work: Work, referral_id: UUID, weights: Weights) -> CompetitionOpened:
    """Invite every provider registered for the category, at once, with the de-identified profile (A20, S1, S4)."""
    work.require(Permission.OPEN_COMPETITION)
    referrals.move_referral(work.db, work.authority, referral_id, Verb.SEEK, work.now)
    referral = referral_store.referral(work.db, work.authority, referral_id, editions())
    council = work.council(work.authority)
    today = work.today
    age = age_on(referral.new.young_person.date_of_birth, today)
    need = Need(referral.category, age, referral.new.wants, referral.hours, referral.new.beds)
    event = competitions.open_competition(
        work.db,
        work.authority,
        referral_id,
        referral.reference,
        referral.new.urgency.value,
        profile_of(referral, today),
        age,
        weights,
        lots_eligible(work, need, today),
        referral.new.indicative_budget_weekly,
        referral.new.housing_benefit_weekly,
        council.legal_basis,
        work.actor.person_id,
        work.now,
        waits_for_morning=council.urgent_waits_for_morning,
    )
    work.record(event, referral_id)
    return event


def close_competition(work: Work, competition_id: UUID) -> CompetitionClosed | None:
    """Close a competition whose window is over; None when that was done or is not needed any more."""
    held = competition_store.hold(work.db, work.authority, competition_id)
    if held.state is not State.OPEN:
        return None
    work.tick()
    return _close(work, held)


# The provider's side


def look_at_invitation(work: Work, key: str | UUID) -> Gate:
    """Show an invitation by its link or to the signed-in provider; noting the sight is all that changes (A28)."""
    gate = _gate(work, key, hold=False)
    competition_store.mark_seen(work.db, gate, gate.now)
    return gate


def send_code(work: Work, key: str) -> CodeSent:
    """Send a 6-digit code to the provider's registered mobile (S9)."""
    gate = _gate(work, key, hold=True)
    event = competitions.send_code(work.db, gate)
    work.record(event, gate.referral_id)
    return event


def check_offer(work: Work, key: str | UUID, document: Mapping[str, object]) -> tuple[Gate, Offer]:
    """Hold an offer against the window and the tendered prices, before it is sent."""
    gate = _gate(work, key, hold=False)
    return gate, competitions.check_offer(gate, document, work.today)


def place_bid(
    desk: Desk,
    actor: Actor,
    key: str | UUID,
    document: Mapping[str, object],
    *,
    code: str | None,
    request_key: str | None,
) -> Receipt:
    """Receive an offer: hold the competition, then read the clock, then decide (A21, A22, S2, S9, S10).

    By link a code is needed where the authority asks for one, unless the link's own provider is signed in;
    a try is charged in a transaction of its own, so that a refusal does not give it back.
    """
    request = competition_rules.request_name(request_key, document) if request_key else None
    if isinstance(key, str) and actor.provider_id is None:
        _check_code(desk, actor, key, document, code, request)
    with desk.work(actor) as work:
        gate = _gate(work, key, hold=True, request=request)
        spent = code if isinstance(key, str) and gate.offer_code and actor.provider_id is None else None
        event, receipt = competitions.place_bid(work.db, gate, document, work.today, code=spent, request=request)
        if event is not None:
            work.record(event, gate.referral_id)
        return receipt


def withdraw_bid(work: Work, key: str | UUID) -> BidWithdrawn:
    """Take a provider's standing offer back, before the close (S10)."""
    gate = _gate(work, key, hold=True)
    event = competitions.withdraw_bid(work.db, gate)
    work.record(event, gate.referral_id)
    return event


def decline(work: Work, key: str | UUID, reason: DeclineReason, note: str) -> InvitationDeclined:
    """Note that a provider cannot offer, and why; one button, no code (S9)."""
    gate = _gate(work, key, hold=True)
    event = competitions.decline(work.db, gate, reason, note)
    work.record(event, gate.referral_id)
    return event


# Evaluation, award, funding, agreement


def evaluate(work: Work, competition_id: UUID, scores: Mapping[UUID, Mapping[str, int]]) -> tuple[Ranked, ...]:
    """Keep the scores of every answer and rank the offers, with the working (A24, S12, S13)."""
    work.require(Permission.EVALUATE)
    held = _hold_closed(work, competition_id)
    event, ranking = competitions.evaluate(work.db, held, scores, work.actor.person_id, work.now)
    work.record(event, held.referral_id)
    return ranking


def award(work: Work, competition_id: UUID, bid_id: UUID, reason: str) -> BidAwarded:
    """Choose an offer; the engine recommends, a person decides (S14, S15). Standing is looked at again (S6)."""
    work.require(Permission.AWARD)
    held = _hold_closed(work, competition_id)
    event = competitions.award(work.db, held, bid_id, reason, _person_id(work.actor), work.now)
    lost = _standing_lost(work, held, event.provider_id)
    if lost is not None:
        raise OutOfStanding(lost.provider, lost.rule, lost.reason)
    work.record(event, held.referral_id)
    return event


def decide_funding(
    work: Work, award_id: UUID, decision: str, reason: str
) -> FundingAuthorised | FundingRefused | FundingSupported:
    """Authorise or refuse the money, as somebody else than the person who chose (A26, S16)."""
    work.require(Permission.AUTHORISE_FUNDING)
    approver = person(work.db, _person_id(work.actor))
    if approver is None:
        raise NotSignedIn
    limit = approver.weekly_limit if approver.weekly_limit is not None else Decimal(0)
    event = competitions.decide_funding(
        work.db, work.authority, award_id, approver.id, limit, decision, reason, work.now
    )
    held = competition_store.competition(work.db, work.authority, event.competition_id)
    work.record(event, held.referral_id)
    return event


def open_agreement(
    work: Work, award_id: UUID, starts_on: date, ends_on: date, met_on: date | None, waiver_reason: str | None
) -> AgreementOpened:
    """Make the agreement of a funded award, with its review dates (A26, A30, A31, S17)."""
    work.require(Permission.OPEN_AGREEMENT)
    held, competition, bid = competitions.agree_award(work.db, work.authority, award_id)
    referral = referral_store.referral(work.db, work.authority, competition.referral_id, editions())
    invitation = next(
        one
        for one in competition_store.invitations(work.db, work.authority, competition.id)
        if one.id == bid.invitation_id
    )
    category = lots.category(competition.profile.category)
    eighteen = birthday(referral.new.young_person.date_of_birth, FULL_AGE)
    event = placements.open_agreement(
        work.db,
        work.authority,
        award_id,
        competition.referral_id,
        held.provider_id,
        referral_rules.new_reference("A"),
        terms_of(
            category,
            bid.offer.price,
            competition_rules.priced_hours(competition.profile),
            competition.housing_benefit_weekly,
            competition.profile.beds,
            invitation.block_discount,
        ),
        competition.profile.outcomes,
        Introduction(met_on, _for_provider(referral, waiver_reason)),
        starts_on,
        ends_on,
        category,
        eighteen if eighteen > work.today else None,
        bid.offer.earliest_start,
        work.now,
        urgent=competition.urgency == "urgent",
    )
    referrals.move_referral(work.db, work.authority, competition.referral_id, Verb.PLACE, work.now)
    work.record(event, competition.referral_id)
    return event


def review_falls_due(work: Work, review_id: UUID) -> ReviewFellDue | None:
    """Note that a review's day has come (A31)."""
    event = placements.review_falls_due(work.db, work.authority, ReviewId(review_id), work.now)
    if event is not None:
        work.record(event, event.referral_id)
    return event


def ring(work: Work, timer: Timer) -> None:
    """Do what a timer stands for. One that was overtaken by events does nothing."""
    match TimerKind(timer.kind):
        case TimerKind.CLOSE_COMPETITION:
            close_competition(work, timer.subject_id)
        case TimerKind.REVIEW_DUE:
            review_falls_due(work, timer.subject_id)


# What several verbs need


def editions() -> dict[str, Edition]:
    """Give every edition by its id: a score keeps the one it was made with for ever (A9)."""
    return {edition.id: edition for edition in matrix.editions()}


def lots_eligible(work: Work, need: Need, today: date) -> Eligibility:
    """Sort the register into invited and excluded for a need (S4)."""
    return lot_rules.eligible(lots.register(work.db), need, today)


def profile_of(referral: Referral, today: date) -> Profile:
    """Make what providers see of a referral (S7): bands and codes, and words that were redacted at raising."""
    edition = editions()[referral.assessment.edition]
    answers = referral.new.case.answers
    coded = {
        group: tuple(
            Coded(domain.key, domain.title, answers[domain.key], domain.levels[answers[domain.key]].text)
            for domain in edition.domains
            if domain.group == group and answers[domain.key] > 0
        )
        for group in ("need", "risk")
    }
    return Profile(
        competition_rules.age_band(age_on(referral.new.young_person.date_of_birth, today)),
        referral.category,
        referral.hours,
        band_of(edition, referral.hours).title,
        referral.new.wants,
        referral.new.outward_code,
        coded["need"],
        coded["risk"],
        tuple((outcome.key, outcome.text) for outcome in referral.market.outcomes),
        referral.market.pathway_plan,
        referral.market.risk_plan,
        referral.new.beds,
    )


def refusal_of(work: Work, referral_id: UUID) -> NotEligible | None:
    """Say which rule would refuse a complete draft, or None."""
    draft = referral_store.draft(work.db, work.authority, referral_id)
    new = read_referral({"on": work.today.isoformat(), **draft.document}, work.edition, work.today, strict=True)
    try:
        referral_rules.assess_referral(work.edition, new, draft.exception, work.today)
    except NotEligible as refusal:
        return refusal
    return None


def _cancel_running(work: Work, referral_id: UUID, reason: str) -> None:
    running = (State.OPEN, State.CLOSED, State.AWARDED)
    for one in competition_store.competitions(work.db, work.authority, running, referral_id):
        held = competition_store.hold(work.db, work.authority, one.id)
        if held.state not in running:
            continue  # it ended while this waited for it
        work.record(competitions.cancel_competition(work.db, held, reason), referral_id)


def _close(work: Work, held: Competition) -> CompetitionClosed:
    lost = (
        _standing_lost(work, held, bid.provider_id) for bid in competition_store.bids(work.db, held.authority, held.id)
    )
    gone = tuple((one.provider_id, one.rule) for one in lost if one is not None)
    event = competitions.close_competition(work.db, held, gone, work.now)
    if event.bids == 0:
        referrals.move_referral(work.db, work.authority, held.referral_id, Verb.RETURN, work.now)
    work.record(event, held.referral_id)
    return event


def _hold_closed(work: Work, competition_id: UUID) -> Competition:
    """Hold a competition, then read the clock; close it first where its window is over and no worker came by."""
    held = competition_store.hold(work.db, work.authority, competition_id)
    work.tick()
    if held.state is State.OPEN and work.now >= held.window.closes_at:
        _close(work, held)
        return competition_store.competition(work.db, work.authority, competition_id)
    return held


def _standing_lost(work: Work, held: Competition, provider_id: UUID) -> Exclusion | None:
    """Say why a provider may not be given this placement today, holding its standing as it is (S6)."""
    provider, registrations = lots.hold_standing(work.db, ProviderId(provider_id))
    return lot_rules.out_of_standing(provider, registrations, held.profile.category, held.age, work.today)


def _for_provider(referral: Referral, text: str | None) -> str | None:
    """Redact a few words that the provider will read in its agreement (S7)."""
    return text and redact(text, referral_rules.known(referral.new.young_person)).text


def _raise(work: Work, referral_id: UUID, *, strict: bool) -> ReferralRaised:
    event = referrals.raise_referral(
        work.db,
        work.authority,
        referral_id,
        work.edition,
        work.actor.person_id,
        work.today,
        work.now,
        strict=strict,
    )
    work.record(event, referral_id)
    return event


def _gate(work: Work, key: str | UUID, *, hold: bool, request: str | None = None) -> Gate:
    """Find an invitation by its link, or by its id for the provider it belongs to."""
    sql = work.clock.sql
    if isinstance(key, str):
        token_hash = competition_rules.secret_hash(key)
        gate = competition_store.gate(work.db, sql, token_hash=token_hash, invitation=None, hold=hold, request=request)
        if work.actor.provider_id not in {None, gate.provider_id}:
            raise NoSuchInvitation  # signed in as one provider, with another's link
        if work.actor.person_id is None:
            work.actor = Actor(Role.PROVIDER, "by link", provider_id=gate.provider_id)  # whom the record names
    else:
        work.require(Permission.BID)
        if work.actor.provider_id is None:
            raise NoSuchInvitation
        door = (key, work.actor.provider_id)
        gate = competition_store.gate(work.db, sql, token_hash=None, invitation=door, hold=hold, request=request)
    work.at(gate.now)
    return gate


def _check_code(
    desk: Desk, actor: Actor, key: str, document: Mapping[str, object], code: str | None, request: str | None
) -> None:
    with desk.work(actor) as work:
        gate = _gate(work, key, hold=False, request=request)
        if not gate.offer_code or gate.answered is not None:
            return
        competitions.check_offer(gate, document, work.today)
        left = competitions.spend_try(work.db, gate, code)
        if left is not None and _gate(work, key, hold=False, request=request).answered is not None:
            return  # the other click of a double click used the code a moment ago
    if left is not None:
        raise CodeWrong(left)


def _person_id(actor: Actor) -> UUID:
    if actor.person_id is None or actor.role in {Role.SYSTEM, Role.PROVIDER}:
        raise NotSignedIn
    return actor.person_id
