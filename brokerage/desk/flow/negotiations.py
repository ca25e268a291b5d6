"""Negotiation of a bespoke package with each bidder, between the opening and the award (DPS spec 3.2.4, A10)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import NoSuchInvitation, NoSuchRound
from brokerage.competitions.events import RoundAnswered, RoundProposed
from brokerage.competitions.model import Invitation, Round, RoundVerb
from brokerage.competitions.rules import negotiating
from brokerage.competitions.rules.reading import read_round
from brokerage.competitions.service import negotiations as competitions
from brokerage.desk.flow.differences import for_invitee, invitation_of, person_of, speaks
from brokerage.desk.work import Work


def propose_round(work: Work, invitation_id: UUID, document: Mapping[str, object]) -> RoundProposed:
    """Propose a package to a bidder, or as a bidder; the other party answers.

    Raises NoSuchInvitation, NotBespoke, StillSealed, BeingOpened, NotNow, CompetitionCancelled before NotValid;
    NothingOffered, RoundOpen, IdentityWouldShow.
    """
    person_id = person_of(work)
    invitation = invitation_of(work, invitation_id)
    held = competition_store.hold(work.db, invitation.authority, invitation.competition_id)
    work.tick()
    negotiating.negotiate(held, work.now)
    package, words = read_round(document, held.profile)
    event = competitions.propose_round(
        work.db,
        held,
        invitation,
        package,
        for_invitee(work, held, words),
        person_id,
        work.now,
        by_provider=work.actor.role.of_provider,
    )
    work.record(event, held.referral_id)
    return event


def answer_round(work: Work, round_id: UUID, verb: RoundVerb) -> RoundAnswered:
    """Agree or refuse what the other party proposed, or take back what the own party did, before anything is chosen.

    Raises NoSuchRound, NotNow, CompetitionCancelled, RoundDecided, OwnRound, OthersRound.
    """
    person_id = person_of(work)
    speaks(work)
    found = competition_store.round_of(work.db, round_id)
    try:
        invitation_of(work, found.invitation_id)
    except NoSuchInvitation:
        raise NoSuchRound from None
    held = competition_store.hold(work.db, found.authority, found.competition_id)
    work.tick()
    event = competitions.answer_round(
        work.db,
        held,
        competition_store.round_of(work.db, round_id),  # as it stands behind the lock
        verb,
        person_id,
        work.now,
        by_provider=work.actor.role.of_provider,
    )
    work.record(event, held.referral_id)
    return event


def rounds_with(work: Work, invitation: Invitation) -> tuple[Round, ...]:
    """List the rounds with one bidder, the oldest first."""
    found = competition_store.rounds(work.db, invitation.authority, invitation.competition_id)
    return tuple(one for one in found if one.invitation_id == invitation.id)
