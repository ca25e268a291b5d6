"""Agreements and their reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.rules.differing import allowed
from brokerage.desk.flow.parts import place, sibling_agreement
from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import rules as referral_rules
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import Referral
from brokerage.referrals.rules.redaction import redact
from lots import store as lots
from lots.model import ProviderId
from matrix.rules import birthday
from placements import service as placements
from placements import store as placement_store
from placements.events import AgreementOpened, ReviewFellDue
from placements.model import (
    Agreement,
    AgreementId,
    Introduction,
    Meeting,
    MeetingId,
    MeetingKind,
    MeetingState,
    Party,
    ReviewId,
)
from placements.rules import terms_of

FULL_AGE: Final = 18


def open_agreement(
    work: Work,
    award_id: UUID,
    starts_on: date,
    ends_on: date,
    met_on: date | None,
    waiver_reason: str | None,
    apart_reason: str | None = None,
) -> AgreementOpened:
    """Make the agreement of a funded award, with its review dates (A26, A30, A31, S17).

    Of two parts each has its own; both are linked, and the referral is placed with the second (A23).
    """
    work.require(Permission.OPEN_AGREEMENT)
    held, competition, bid, package = competitions.agree_award(work.db, work.authority, award_id)
    referral = referral_store.referral(work.db, work.authority, competition.referral_id, editions())
    lots.hold_standings(work.db, {held.provider_id})  # before the referral, as a close holds them
    place(work, competition)
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
            package.price,
            package.hours,
            competition.housing_benefit_weekly,
            competition.profile.beds,
            invitation.block_discount,
            bespoke=competition.bespoke,
        ),
        competition.profile.outcomes,
        Introduction(met_on, for_provider(referral, waiver_reason)),
        starts_on,
        ends_on,
        category,
        eighteen if eighteen > work.today else None,
        bid.offer.earliest_start,
        work.now,
        urgent=competition.urgency == "urgent",
        tendered=package.price  # what was negotiated holds later changes, in place of any tender (A10)
        if competition.bespoke
        else allowed(invitation.tendered, competition_store.agreed_price(work.db, work.authority, invitation.id)),
        part=competition.part,
        sibling=sibling_agreement(work, competition),
        apart_reason=for_provider(referral, apart_reason),
    )
    _keep_meeting(work, event, met_on)
    work.record(event, competition.referral_id)
    return event


def agreement_of(work: Work, agreement_id: UUID) -> Agreement:
    """Find an agreement that concerns the asker: one of the own council, or of the own firm. Raises NoSuchAgreement."""
    if work.actor.provider_id is not None:
        return placement_store.agreement_for_provider(
            work.db, ProviderId(work.actor.provider_id), AgreementId(agreement_id)
        )
    return placement_store.agreement(work.db, work.authority, AgreementId(agreement_id))


def party_of(work: Work) -> Party:
    """Say for which party of an agreement the asker speaks (A30)."""
    return Party.PROVIDER if work.actor.provider_id is not None else Party.COUNCIL


def review_falls_due(work: Work, review_id: UUID) -> ReviewFellDue | None:
    """Note that a review's day has come (A31)."""
    event = placements.review_falls_due(work.db, work.authority, ReviewId(review_id), work.now)
    if event is not None:
        work.record(event, event.referral_id)
    return event


def _keep_meeting(work: Work, event: AgreementOpened, met_on: date | None) -> None:
    """Keep the day they met among the meetings, where it was not recorded there before (A26)."""
    kept = placement_store.meetings(work.db, work.authority, event.award_id)
    if met_on is None or any(one.state is MeetingState.HELD and one.on == met_on for one in kept):
        return
    placement_store.save_meeting(
        work.db,
        Meeting(
            work.authority,
            MeetingId(uuid4()),
            event.award_id,
            event.provider_id,
            MeetingKind.MEETING,
            met_on,
            MeetingState.HELD,
            "",
            work.person_id,
            work.now,
        ),
    )


def reviews_fall_due(work: Work, review_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Note that the day of many reviews of one authority has come (A31); answer which were looked at.

    Those that somebody else holds are passed over.
    """
    ids = [ReviewId(one) for one in review_ids]
    found = placements.reviews_fall_due(work.db, work.authority, ids, work.now)
    work.record_all([(event, event.referral_id) for _, event in found if event is not None])
    return frozenset(UUID(str(review_id)) for review_id, _ in found)


def for_provider(referral: Referral, text: str | None) -> str | None:
    """Redact a few words that the provider will read (S7)."""
    return text and redact(text, referral_rules.known(referral.new.young_person)).text
