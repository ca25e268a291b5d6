"""How competitions say no. Each carries the facts; the words are in templates/problems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from brokerage.competitions.model import DifferenceState, Flaw, KeyKind, RoundState, State, Verb


class CompetitionError(Exception):
    """Base of every refusal about a competition."""


@dataclass(eq=False)
class NoSuchCompetition(CompetitionError):
    """No competition with this id belongs to this authority."""


@dataclass(eq=False)
class NoSuchInvitation(CompetitionError):
    """The link or invitation is not known, or is not this provider's."""


@dataclass(eq=False)
class NoSuchAward(CompetitionError):
    """No award with this id belongs to this authority."""


@dataclass(eq=False)
class NotNow(CompetitionError):
    """The competition is not in a state in which this can be done."""

    state: State
    verb: Verb


@dataclass(eq=False)
class NobodyEligible(CompetitionError):
    """No provider may be invited to this referral; every exclusion is given with its reason."""

    excluded: tuple[tuple[str, str], ...]
    part: str | None = None


@dataclass(eq=False)
class NotInParts(CompetitionError):
    """There is one thing to buy: accommodation and support can be bought separately only where both are wanted."""

    wants: tuple[str, ...]
    hours: Decimal


@dataclass(eq=False)
class PartRuns(CompetitionError):
    """This part of the referral is looked for already, or has its provider."""

    part: str
    competition_id: UUID


@dataclass(eq=False)
class NotOpenYet(CompetitionError):
    """The window for offers has not opened yet."""

    opens_at: datetime


@dataclass(eq=False)
class BidTooLate(CompetitionError):
    """The offer was received at or after the closing instant."""

    received_at: datetime
    closed_at: datetime
    digest: str


@dataclass(eq=False)
class WindowOver(CompetitionError):
    """The window has closed, so the offer can no longer be withdrawn or declined."""

    closed_at: datetime


@dataclass(eq=False)
class CompetitionCancelled(CompetitionError):
    """The competition was cancelled; no offer is needed any more."""

    reference: str


@dataclass(eq=False)
class OverTendered(CompetitionError):
    """The offer is above the price that the provider tendered (S11)."""

    item: str
    offered: Decimal
    tendered: Decimal


@dataclass(eq=False)
class NothingToWithdraw(CompetitionError):
    """There is no standing offer to withdraw."""


@dataclass(eq=False)
class CodeNeeded(CompetitionError):
    """An offer by link needs the 6-digit code that is sent to the registered mobile (S9)."""


@dataclass(eq=False)
class CodeWrong(CompetitionError):
    """The code is not the one that was sent, or it was used, or it is too old."""

    tries_left: int


@dataclass(eq=False)
class TooManyCodes(CompetitionError):
    """Too many codes were sent to this phone in the last few minutes."""


@dataclass(eq=False)
class StillSealed(CompetitionError):
    """Offers cannot be read before the window has closed."""

    closes_at: datetime


@dataclass(eq=False)
class BeingOpened(CompetitionError):
    """The window is over, and the worker that holds the opening key has not opened the offers yet."""

    closed_at: datetime


@dataclass(eq=False)
class AlreadyOpened(CompetitionError):
    """The offers of this competition were opened before; that is done once."""

    opened_at: datetime


@dataclass(eq=False)
class WrongKey(CompetitionError):
    """This key does not open the competition: its own key was wrapped for another."""

    kind: KeyKind


@dataclass(eq=False)
class SealBroken(CompetitionError):
    """An offer is not as it was received."""

    flaw: Flaw


@dataclass(eq=False)
class NoSuchBid(CompetitionError):
    """This offer does not stand in this competition."""

    bid_id: UUID


@dataclass(eq=False)
class NotEvaluated(CompetitionError):
    """Offers are ranked before one is chosen, so that the choice can be explained."""


@dataclass(eq=False)
class ReasonNeeded(CompetitionError):
    """This choice needs a reason: it is not the top score, or it is the only offer (S14)."""

    why: str
    rank: int


@dataclass(eq=False)
class AlreadyAwarded(CompetitionError):
    """Somebody has already chosen an offer in this competition."""

    awarded_at: datetime
    awarded_by: UUID


@dataclass(eq=False)
class OutOfStanding(CompetitionError):
    """The provider may no longer be awarded this placement (S6)."""

    provider: str
    rule: str
    reason: str


@dataclass(eq=False)
class SamePerson(CompetitionError):
    """Funding is authorised by somebody other than the person who chose the offer (S16)."""


@dataclass(eq=False)
class FundingNotOpen(CompetitionError):
    """The funding of this award has already been decided."""

    state: str


@dataclass(eq=False)
class AlreadySupported(CompetitionError):
    """This approver has already given their word; above their limit a second person decides (S16)."""


@dataclass(eq=False)
class NotFunded(CompetitionError):
    """No start date is agreed before the funding is authorised (DPS spec 3.3.1, A26)."""

    state: str


@dataclass(eq=False)
class NotLater(CompetitionError):
    """A window is only ever moved later (S27)."""

    closes_at: datetime


@dataclass(eq=False)
class TooFar(CompetitionError):
    """A window is not moved further away than this."""

    latest: datetime


@dataclass(eq=False)
class NothingToDecide(CompetitionError):
    """What comes next is decided once a window has ended without a suitable offer."""

    state: State


@dataclass(eq=False)
class AlreadyFollowed(CompetitionError):
    """Another competition already follows this one."""

    competition_id: UUID


@dataclass(eq=False)
class NoWiderCategory(CompetitionError):
    """The young person cannot be placed in this other category of the lot."""

    category: str
    possible: tuple[str, ...]


@dataclass(eq=False)
class NoSuchQuestion(CompetitionError):
    """No question with this number was asked in this competition."""


@dataclass(eq=False)
class TooManyQuestions(CompetitionError):
    """This provider has asked as many questions as one invitation allows."""

    most: int


@dataclass(eq=False)
class AlreadyAnswered(CompetitionError):
    """Somebody has answered this question; an answer that went to all stays as it was given."""

    answered_at: datetime


@dataclass(eq=False)
class NoSuchDifference(CompetitionError):
    """No difference of category with this number concerns the asker."""


@dataclass(eq=False)
class DifferenceOpen(CompetitionError):
    """A difference with this provider is open or agreed already."""


@dataclass(eq=False)
class DifferenceNeedless(CompetitionError):
    """Nothing is above the tendered price, so nothing has to be agreed."""


@dataclass(eq=False)
class DifferenceDecided(CompetitionError):
    """The difference was answered or taken back already."""

    state: DifferenceState


@dataclass(eq=False)
class OwnDifference(CompetitionError):
    """A difference is agreed by the party that did not record it."""


@dataclass(eq=False)
class OthersDifference(CompetitionError):
    """A difference is taken back by the party that recorded it."""


@dataclass(eq=False)
class NotBespoke(CompetitionError):
    """Only a bespoke package is negotiated: what an ordinary competition was offered stands as it is (A10)."""


@dataclass(eq=False)
class NothingOffered(CompetitionError):
    """No offer of this provider was opened, so there is nothing to negotiate with it."""


@dataclass(eq=False)
class NoSuchRound(CompetitionError):
    """No round of a negotiation with this number concerns the asker."""


@dataclass(eq=False)
class RoundOpen(CompetitionError):
    """A proposal with this bidder waits for its answer already."""


@dataclass(eq=False)
class RoundDecided(CompetitionError):
    """The proposal was answered or taken back already."""

    state: RoundState


@dataclass(eq=False)
class OwnRound(CompetitionError):
    """A proposal is answered by the party that did not make it."""


@dataclass(eq=False)
class OthersRound(CompetitionError):
    """A proposal is taken back by the party that made it."""
