"""What has happened in a competition. Secrets are marked so that the record never holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from brokerage.competitions.model import Excluded, Invited, Profile, Ranked, TextAnswer, Weights
from lots.model import Wants

OFF_RECORD = {"record": False}


@dataclass(frozen=True, slots=True)
class CompetitionOpened:
    authority: str
    competition_id: UUID
    referral_id: UUID
    reference: str
    category: str
    urgency: str
    opens_at: datetime
    closes_at: datetime
    weights: tuple[int, int, int]
    invited: tuple[UUID, ...]
    excluded: tuple[tuple[UUID, str], ...]
    profile_digest: str
    follows: UUID | None
    links: tuple[tuple[Invited, str], ...] = field(metadata=OFF_RECORD)
    reasons: tuple[Excluded, ...] = field(metadata=OFF_RECORD)
    profile: Profile = field(metadata=OFF_RECORD)
    bespoke: bool = False
    part: Wants | None = None


@dataclass(frozen=True, slots=True)
class CodeSent:
    authority: str
    competition_id: UUID
    reference: str
    expires_at: datetime
    invitation_id: UUID = field(metadata=OFF_RECORD)
    provider_id: UUID = field(metadata=OFF_RECORD)
    code: str = field(metadata=OFF_RECORD)


@dataclass(frozen=True, slots=True)
class BidPlaced:
    authority: str
    competition_id: UUID
    bid_id: UUID
    received_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class BidWithdrawn:
    """Like BidPlaced it names nobody: before the close the record tells no reader who offered."""

    authority: str
    competition_id: UUID
    bid_id: UUID
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class BidRefusedLate:
    authority: str
    competition_id: UUID
    invitation_id: UUID
    provider_id: UUID
    received_at: datetime
    closes_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class InvitationDeclined:
    authority: str
    competition_id: UUID
    invitation_id: UUID
    provider_id: UUID
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TextAnswered:
    """A provider's text was answered with a text. Which answer is off the record: one of them tells of an offer."""

    authority: str
    text_id: UUID
    provider_id: UUID
    invitation_id: UUID | None
    reference: str
    expires_at: datetime
    at: datetime
    answer: TextAnswer = field(metadata=OFF_RECORD)
    closes_at: datetime | None = field(metadata=OFF_RECORD)
    token: str | None = field(metadata=OFF_RECORD, repr=False)


@dataclass(frozen=True, slots=True)
class InviteeNotReached:
    """An invitation could not be brought to a provider by one medium; `other` is how the other one fared."""

    authority: str
    competition_id: UUID
    invitation_id: UUID
    message_id: UUID
    provider_id: UUID
    reference: str
    medium: str
    why: str
    other: str
    at: datetime
    provider: str = field(metadata=OFF_RECORD)
    phone: str = field(metadata=OFF_RECORD)
    email: str = field(metadata=OFF_RECORD)


@dataclass(frozen=True, slots=True)
class CompetitionClosed:
    authority: str
    competition_id: UUID
    referral_id: UUID
    reference: str
    closed_at: datetime
    closes_at: datetime
    bids: int
    digests: tuple[str, ...]
    out_of_standing: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class BidsOpened:
    """One act for the whole competition: `bids` lists the id and digest of every offer that was ever received."""

    authority: str
    competition_id: UUID
    referral_id: UUID
    reference: str
    at: datetime
    opened_with: str
    bids: tuple[tuple[UUID, str], ...]
    opened: int
    replaced: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class SealFoundBroken:
    """The red alarm: an offer that stands is not as it was received."""

    authority: str
    competition_id: UUID
    referral_id: UUID
    reference: str
    bid_id: UUID
    provider_id: UUID
    flaw: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CompetitionCancelledBy:
    authority: str
    competition_id: UUID
    referral_id: UUID
    reference: str
    reason_digest: str
    invited: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class BidsEvaluated:
    authority: str
    competition_id: UUID
    at: datetime
    ranking: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class BidAwarded:
    authority: str
    competition_id: UUID
    referral_id: UUID
    reference: str
    award_id: UUID
    bid_id: UUID
    provider_id: UUID
    rank: int
    weekly_cost: Decimal
    out_of_order: bool
    reason_digest: str
    at: datetime
    ranking: tuple[Ranked, ...] = field(metadata=OFF_RECORD)
    weights: Weights = field(metadata=OFF_RECORD)
    round_id: UUID | None = None
    beside: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FundingSupported:
    """`beside` is what the other part of the placement costs a week: the limit was held against both (S16, A23)."""

    authority: str
    competition_id: UUID
    award_id: UUID
    weekly_cost: Decimal
    limit: Decimal
    at: datetime
    beside: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FundingAuthorised:
    authority: str
    competition_id: UUID
    award_id: UUID
    provider_id: UUID
    reference: str
    weekly_cost: Decimal
    at: datetime
    beside: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FundingRefused:
    authority: str
    competition_id: UUID
    award_id: UUID
    provider_id: UUID
    reference: str
    reason_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowExtended:
    """`invited` are invitation and provider: all are told alike."""

    authority: str
    competition_id: UUID
    reference: str
    closed_before: datetime
    closes_at: datetime
    reason_digest: str
    at: datetime
    invited: tuple[tuple[UUID, UUID], ...]


@dataclass(frozen=True, slots=True)
class CompetitionGivenUp:
    """Offers were there and none was suitable; `bidders` are whose offers stood, `ranking` theirs if evaluated."""

    authority: str
    competition_id: UUID
    referral_id: UUID
    reference: str
    reason_digest: str
    at: datetime
    bidders: tuple[UUID, ...]
    ranking: tuple[Ranked, ...] = field(metadata=OFF_RECORD)
    weights: Weights = field(metadata=OFF_RECORD)


@dataclass(frozen=True, slots=True)
class NextStepDecided:
    """What comes after a window without a suitable offer; `category` for a wider one (A29)."""

    authority: str
    competition_id: UUID
    reference: str
    choice: str
    category: str | None
    reason_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """It names no asker: answers go to all, and the question with them (S26)."""

    authority: str
    competition_id: UUID
    question_id: UUID
    reference: str
    words_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """`invited` are invitation and provider: all are told alike."""

    authority: str
    competition_id: UUID
    question_id: UUID
    reference: str
    closes_at: datetime
    shown_digest: str
    answer_digest: str
    at: datetime
    invited: tuple[tuple[UUID, UUID], ...]


@dataclass(frozen=True, slots=True)
class DifferenceProposed:
    """What no category fits was recorded with a price, by the council or by the invitee (A11)."""

    authority: str
    competition_id: UUID
    difference_id: UUID
    invitation_id: UUID
    provider_id: UUID
    reference: str
    by_provider: bool
    words_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DifferenceAnswered:
    """A difference was agreed, refused or taken back; `by_provider` says who answered."""

    authority: str
    competition_id: UUID
    difference_id: UUID
    invitation_id: UUID
    provider_id: UUID
    reference: str
    state: str
    by_provider: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class RoundProposed:
    """A package was proposed to a bidder of a bespoke competition, or by it (A10)."""

    authority: str
    competition_id: UUID
    round_id: UUID
    invitation_id: UUID
    provider_id: UUID
    reference: str
    number: int
    hours: Decimal
    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None
    by_provider: bool
    words_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RoundAnswered:
    """A proposal was agreed, refused or taken back; `by_provider` says who answered."""

    authority: str
    competition_id: UUID
    round_id: UUID
    invitation_id: UUID
    provider_id: UUID
    reference: str
    number: int
    state: str
    by_provider: bool
    at: datetime
