"""A mini-competition and what belongs to it. No type here can hold a name (S7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from lots.model import CategoryCode, Price, ProviderId, Wants

CompetitionId = NewType("CompetitionId", UUID)
QuestionId = NewType("QuestionId", UUID)
InvitationId = NewType("InvitationId", UUID)
BidId = NewType("BidId", UUID)
AwardId = NewType("AwardId", UUID)
DifferenceId = NewType("DifferenceId", UUID)
RoundId = NewType("RoundId", UUID)

KEY_BYTES: Final = 32


class State(StrEnum):
    OPEN = "open"  # providers may bid until closes_at
    CLOSED = "closed"  # open -> closed when the window has passed and there are bids
    UNSUCCESSFUL = "unsuccessful"  # open -> unsuccessful when there are none; closed -> when none is suitable
    AWARDED = "awarded"  # closed -> awarded; back to closed when funding is refused
    CANCELLED = "cancelled"  # open, closed or awarded -> cancelled


class Verb(StrEnum):
    CLOSE = "close"
    CLOSE_EMPTY = "close_empty"
    OPEN_BIDS = "open_bids"
    NEGOTIATE = "negotiate"
    AWARD = "award"
    REVOKE = "revoke"
    CANCEL = "cancel"
    GIVE_UP = "give_up"


class Choice(StrEnum):
    """What a person decides where a window brings nothing, too little or nothing suitable (A29)."""

    EXTEND = "extend"  # the same window, closing later (S27)
    GIVE_UP = "give_up"  # there are offers, and none is suitable
    RERUN = "rerun"  # a new competition in the same category
    WIDER = "wider"  # a new competition in the nearest category
    NEGOTIATE = "negotiate"  # advertised as a bespoke package and negotiated, since no offer was suitable
    BESPOKE = "bespoke"  # advertised as a package of its own


class AwardState(StrEnum):
    AWAITING_FUNDING = "awaiting_funding"
    FUNDED = "funded"  # authorised by another person within their limit (S16)
    REFUSED = "refused"
    AGREED = "agreed"  # an agreement was made of it


class Fate(StrEnum):
    """What became of a received offer by the close."""

    STANDING = "standing"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class KeyKind(StrEnum):
    """With which key offers are opened: the worker's own, or the one kept in a safe for when that is lost."""

    OPENING = "opening_key"
    RECOVERY = "recovery_key"


class Flaw(StrEnum):
    """What is wrong with an offer that cannot be opened as it was received."""

    DIGEST = "digest_differs"  # its bytes are not those that its digest was made of
    RECORD = "record_differs"  # its digest is not the one that the record was given on receipt
    CIPHER = "cannot_be_decrypted"  # changed, or sealed to another competition's key
    HEADER = "belongs_to_another_bid"  # sealed for another competition, provider, version or instant
    CONTENT = "not_an_offer"


class DeclineReason(StrEnum):
    """Why a provider cannot offer; coded, so that gaps in the market can be counted."""

    NO_ROOM = "no_room"
    RISK_TO_OTHERS = "risk_to_others_living_here"
    NEEDS = "cannot_meet_needs"
    AREA = "wrong_area"
    PRICE = "budget_too_low"
    TIME = "not_enough_time"
    OTHER = "other"


class DifferenceState(StrEnum):
    """How far a difference of category has come (A11)."""

    PROPOSED = "proposed"
    AGREED = "agreed"  # an offer up to its price is admitted, of this invitee alone
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DifferenceVerb(StrEnum):
    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class RoundState(StrEnum):
    """How far a proposal has come in the negotiation of a bespoke package (A10)."""

    PROPOSED = "proposed"
    AGREED = "agreed"  # the award of this offer takes it, unless a later round is agreed
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RoundVerb(StrEnum):
    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class TextAnswer(StrEnum):
    """How a provider's text was answered."""

    LINK = "link"  # a fresh link to its invitation
    DECLINED = "declined"  # noted that it cannot offer
    OFFER_STANDS = "offer_stands"  # nothing is undone by text: a sender can be spoofed
    HELP = "help"  # told how to reply


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open: a bid at the closing instant is late (S2)."""

    opens_at: datetime
    closes_at: datetime

    def __post_init__(self) -> None:
        if self.closes_at <= self.opens_at:
            raise ValueError("a window closes after it opens")

    def __contains__(self, instant: datetime) -> bool:
        return self.opens_at <= instant < self.closes_at


@dataclass(frozen=True, slots=True)
class Weights:
    """How offers are weighed, in parts of 100, fixed at publication (S12)."""

    price: int = 40
    quality: int = 50
    social_value: int = 10

    def __post_init__(self) -> None:
        if min(self.price, self.quality, self.social_value) < 0 or self.price + self.quality + self.social_value != 100:
            raise ValueError("weights are whole parts of 100, none below zero")


@dataclass(frozen=True, slots=True)
class Question:
    """One thing every offer answers and an evaluator scores 0 to 5."""

    key: str
    text: str
    weighed_as: str  # "quality" or "social_value"


@dataclass(frozen=True, slots=True)
class Coded:
    """A need or risk in the matrix's own anchored words."""

    key: str
    title: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything a provider may know of a young person before an award (S7). It has no room for identity."""

    age_band: str
    category: CategoryCode
    hours: Decimal
    hours_band: str
    wants: frozenset[Wants]
    outward_code: str
    needs: tuple[Coded, ...]
    risks: tuple[Coded, ...]
    outcomes: tuple[tuple[str, str], ...]
    pathway_plan: str
    risk_plan: str
    beds: int
    bespoke: bool = False  # advertised beyond one category, priced freely and negotiated (A10)


@dataclass(frozen=True, slots=True)
class Competition:
    authority: str
    id: CompetitionId
    referral_id: UUID
    reference: str
    state: State
    urgency: str
    window: Window
    closed_at: datetime | None
    weights: Weights
    profile: Profile
    questions: tuple[Question, ...]
    budget_weekly: Decimal
    housing_benefit_weekly: Decimal
    legal_basis: str
    age: int
    follows: CompetitionId | None = None
    unsealed_at: datetime | None = None
    part: Wants | None = None  # which of the two, where accommodation and support are bought separately (A23)

    @property
    def bespoke(self) -> bool:
        """Say whether it advertises a bespoke package (A10)."""
        return self.profile.bespoke


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody invited, with the prices they tendered as they stood at that instant."""

    invitation_id: InvitationId
    provider_id: ProviderId
    provider: str
    tendered: Price
    block_discount: Decimal


@dataclass(frozen=True, slots=True)
class Invitation:
    authority: str
    id: InvitationId
    competition_id: CompetitionId
    provider_id: ProviderId
    tendered: Price
    block_discount: Decimal
    seen_at: datetime | None
    declined_at: datetime | None
    decline_reason: DeclineReason | None


@dataclass(frozen=True, slots=True)
class Excluded:
    provider_id: ProviderId
    provider: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    outward_code: str
    shared: bool
    description: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider offers: the content of a bid, before it is received."""

    price: Price
    earliest_start: date
    place: Place
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whose public keys a competition's own key is wrapped for: 32 bytes each, X25519 (A21)."""

    opening: bytes
    recovery: bytes

    def __post_init__(self) -> None:
        if len(self.opening) != KEY_BYTES or len(self.recovery) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        if self.opening == self.recovery:
            raise ValueError("the recovery key is another key than the opening key")


@dataclass(frozen=True, slots=True)
class Opener:
    """A private key that opens: held by the worker's sweep, or fetched from the safe."""

    kind: KeyKind
    private: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seal:
    """A competition's own public key, and its private half wrapped for two recipients."""

    public: bytes
    wrapped: bytes
    wrapped_for_recovery: bytes


@dataclass(frozen=True, slots=True)
class SealedBid:
    """A received offer that nobody can read. Its digest is of the sealed bytes: one of the content could be guessed."""

    id: BidId
    competition_id: CompetitionId
    provider_id: ProviderId
    invitation_id: InvitationId
    version: int
    received_at: datetime
    digest: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """A received offer at the opening, and what had become of it."""

    bid: SealedBid
    fate: Fate


@dataclass(frozen=True, slots=True)
class LateOffer:
    """What is kept of an offer that was refused as late: when it came and its digest, never what it said."""

    provider_id: ProviderId
    received_at: datetime
    closes_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Unopened:
    """A standing offer whose seal was found broken, so that it cannot be read."""

    bid_id: BidId
    provider_id: ProviderId
    received_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Bid:
    """An opened offer. A provider may replace or withdraw it until the close; the last one stands (S10)."""

    id: BidId
    competition_id: CompetitionId
    provider_id: ProviderId
    invitation_id: InvitationId
    version: int
    offer: Offer
    received_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Ending:
    """What the close looks at of a held competition."""

    id: CompetitionId
    referral_id: UUID
    reference: str
    state: State
    window: Window
    category: CategoryCode
    age: int
    bespoke: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the close may know of an offer that stands: whose it is and its digest, never what it says (A21)."""

    provider_id: ProviderId
    digest: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of what was received when: time to the microsecond, digest of the sealed offer (S10)."""

    bid_id: BidId
    version: int
    received_at: datetime
    digest: str
    closes_at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What decides whether an offer gets in, held under the competition's lock."""

    authority: str
    competition_id: CompetitionId
    referral_id: UUID
    invitation_id: InvitationId
    provider_id: ProviderId
    reference: str
    state: State
    window: Window
    tendered: Price
    category: CategoryCode
    hours: Decimal
    wants: frozenset[Wants]
    questions: tuple[Question, ...]
    offer_code: bool
    last_version: int
    standing: BidId | None
    answered: BidId | None
    now: datetime
    seal_key: bytes
    agreed: Price | None = None  # for a difference of category, above the tendered one (A11)
    bespoke: bool = False  # priced freely: no tendered price holds it (A10)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One offer's place in the ranking, with its working (A24)."""

    bid_id: BidId
    provider_id: ProviderId
    rank: int
    price_score: Decimal
    quality_score: Decimal
    social_value_score: Decimal
    total: Decimal
    weekly_cost: Decimal
    within_budget: bool
    received_at: datetime
    working: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One recorded decision about a window, with its reason (A29). An extension says from when to when."""

    choice: Choice
    reason: str
    decided_by: UUID
    decided_at: datetime
    moved: tuple[datetime, datetime] | None = None
    category: CategoryCode | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a provider asked during a window (S26).

    `words` stand as typed, for the council and the asker; `shown` and `answer` are redacted and for all invited.
    """

    id: QuestionId
    invitation_id: InvitationId
    words: str
    asked_at: datetime
    shown: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What no category fits, the expertise that meets it, and the price agreed for it with one invitee (A11).

    Its words are redacted: both parties read them.
    """

    authority: str
    id: DifferenceId
    competition_id: CompetitionId
    invitation_id: InvitationId
    provider_id: ProviderId
    differences: str
    expertise: str
    price: Price
    state: DifferenceState
    by_provider: bool
    proposed_by: UUID
    proposed_at: datetime
    answered_by: UUID | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """What is bought a week: hours of support, accommodation a week, support an hour."""

    hours: Decimal
    price: Price


@dataclass(frozen=True, slots=True)
class Round:
    """One proposal in the negotiation with one bidder, made by either side and answered by the other (A10).

    `number` counts the rounds with this bidder. The council's words are redacted: the bidder reads them.
    """

    authority: str
    id: RoundId
    competition_id: CompetitionId
    invitation_id: InvitationId
    provider_id: ProviderId
    number: int
    package: Package
    words: str
    state: RoundState
    by_provider: bool
    proposed_by: UUID
    proposed_at: datetime
    answered_by: UUID | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FundingStep:
    """One approver's word on the money of an award."""

    approver: UUID
    decision: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Award:
    authority: str
    id: AwardId
    competition_id: CompetitionId
    bid_id: BidId
    provider_id: ProviderId
    state: AwardState
    reason: str
    rank: int
    weekly_cost: Decimal
    awarded_by: UUID
    awarded_at: datetime
    funding: tuple[FundingStep, ...]
    round_id: RoundId | None = None  # what was agreed in its negotiation, in place of what was offered (A10)


@dataclass(frozen=True, slots=True)
class Counts:
    """The only numbers anybody sees while a window is open (S8)."""

    invited: int
    delivered: int
    seen: int
    declined: int
    offers: int
