"""Where a category does not fit: difference, expertise and price, recorded and agreed before the award (A11, S11)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import NoSuchDifference, NoSuchInvitation
from brokerage.competitions.events import DifferenceAnswered, DifferenceProposed
from brokerage.competitions.model import Competition, Difference, DifferenceVerb, Invitation
from brokerage.competitions.service import differences as competitions
from brokerage.desk.flow.bids import gate_of
from brokerage.desk.flow.questions import known_of
from brokerage.desk.work import Work
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Permission
from brokerage.referrals.errors import IdentityWouldShow
from brokerage.referrals.rules.redaction import leaks_in, redact
from lots.model import Price


@dataclass(frozen=True, slots=True)
class Differing:
    """What differs from the category, which expertise and services meet it, and the price of the nearest package."""

    differences: str
    expertise: str
    price: Price


def propose_difference(work: Work, invitation_id: UUID, asked: Differing) -> DifferenceProposed:
    """Record a difference with one invitee, for the council or for the invitee itself; the other party answers.

    Raises NoSuchInvitation, WindowOver, CompetitionCancelled, DifferenceNeedless, DifferenceOpen, IdentityWouldShow.
    """
    person_id = person_of(work)
    invitation = invitation_of(work, invitation_id)
    held = competition_store.hold(work.db, invitation.authority, invitation.competition_id)
    work.tick()
    event = competitions.propose_difference(
        work.db,
        held,
        invitation,
        for_invitee(work, held, asked.differences),
        for_invitee(work, held, asked.expertise),
        asked.price,
        person_id,
        work.now,
        by_provider=work.actor.role.of_provider,
    )
    work.record(event, held.referral_id)
    return event


def answer_difference(work: Work, difference_id: UUID, verb: DifferenceVerb) -> DifferenceAnswered:
    """Agree or refuse what the other party recorded, or take back what the own party did, before the close.

    Agreed, an offer of this invitee up to that price is admitted, and of nobody else (S11).
    Raises NoSuchDifference, WindowOver, CompetitionCancelled, DifferenceDecided, OwnDifference, OthersDifference.
    """
    person_id = person_of(work)
    speaks(work)
    found = competition_store.difference(work.db, difference_id)
    try:
        invitation_of(work, found.invitation_id)
    except NoSuchInvitation:
        raise NoSuchDifference from None
    held = competition_store.hold(work.db, found.authority, found.competition_id)
    work.tick()
    event = competitions.answer_difference(
        work.db,
        held,
        competition_store.difference(work.db, difference_id),
        verb,
        person_id,
        work.now,
        by_provider=work.actor.role.of_provider,
    )
    work.record(event, held.referral_id)
    return event


def invitation_of(work: Work, invitation_id: UUID) -> Invitation:
    """Find an invitation that concerns the asker: one of the own council, or of the own firm. Raises NoSuchInvitation.

    The council's part is the coordinator's, who will award.
    """
    speaks(work)
    if work.actor.role.of_provider:
        gate = gate_of(work, invitation_id, hold=False)
        authority, competition_id = gate.authority, gate.competition_id
    else:
        authority, competition_id = (
            work.authority,
            competition_store.competition_of(work.db, work.authority, invitation_id),
        )
    found = competition_store.invitations(work.db, authority, competition_id)
    return next(one for one in found if one.id == invitation_id)


def differences_with(work: Work, invitation: Invitation) -> tuple[Difference, ...]:
    """List what was recorded with one invitee, the oldest first."""
    found = competition_store.differences(work.db, invitation.authority, invitation.competition_id)
    return tuple(one for one in found if one.invitation_id == invitation.id)


def for_invitee(work: Work, found: Competition, text: str) -> str:
    """Redact the council's words, which the invitee reads (S7). Raises IdentityWouldShow where something is left.

    An invitee's own words go to the council alone, which knows the young person. Redacting them would answer a guess
    at a name by what is replaced in it.
    """
    if work.actor.role.of_provider:
        return text
    known = known_of(work, found)
    said = redact(text, known).text
    left = leaks_in((said,), known)
    if left:
        raise IdentityWouldShow(left)
    return said


def speaks(work: Work) -> None:
    """Let speak who offers for a firm or awards for a council, before anything is looked up. Raises NotAllowed."""
    work.require(Permission.BID if work.actor.role.of_provider else Permission.AWARD)


def person_of(work: Work) -> UUID:
    """Give the person of the council or the firm who acts. Raises NotSignedIn."""
    if work.actor.person_id is None:
        raise NotSignedIn
    return work.actor.person_id
