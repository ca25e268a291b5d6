"""Say what has happened to placements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lots.model import CategoryCode, ProviderId, Wants
from placements.model import (
    AgreementId,
    Alarm,
    AlarmKind,
    ConcernId,
    ConcernKind,
    Decision,
    EndedBy,
    MeetingId,
    MeetingKind,
    MeetingState,
    OfAgreement,
    Party,
    Plan,
    ReviewCause,
    ReviewId,
    ReviewKind,
    ReviewState,
    Sibling,
    VariationId,
    VariationState,
)


@dataclass(frozen=True, slots=True)
class AgreementOpened:
    """An award became an individual placement agreement (A30).

    `reviews` are their days, and `review_ids` their ids in the same order; a stay under two weeks has none.
    `information_due_at` is set in an emergency (A25). `alarms` tell a birthday, so the record leaves them out.
    """

    authority: str
    agreement_id: AgreementId
    reference: str
    award_id: UUID
    referral_id: UUID
    provider_id: ProviderId
    category: CategoryCode
    weekly_cost: Decimal
    starts_on: date
    ends_on: date
    first_review_on: date | None
    reviews: tuple[date, ...]
    review_ids: tuple[ReviewId, ...]
    information_due_at: datetime | None = None
    alarms: tuple[Alarm, ...] = field(default=(), metadata={"record": False})
    part: Wants | None = None
    sibling_id: AgreementId | None = None


@dataclass(frozen=True, slots=True)
class ReviewFellDue:
    """The day of a review came before it was held (A31)."""

    authority: str
    review_id: ReviewId
    agreement_id: AgreementId
    reference: str
    referral_id: UUID
    provider_id: ProviderId
    number: int
    kind: ReviewKind
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementAccepted(OfAgreement):
    """A party accepted an agreement; `by_both` says whether the other had (A30)."""

    party: Party
    person_id: UUID
    by_both: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementStarted(OfAgreement):
    """The first day of an accepted agreement came (A30)."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementNotStarted(OfAgreement):
    """The first day came and the placement could not start: `why` is a party, or the provider's standing (A30, S6)."""

    starts_on: date
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRang(OfAgreement):
    """What is told ahead of time was told (S19); the day that it is about stays out of here."""

    alarm: AlarmKind


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityReleased(OfAgreement):
    """The provider was told whom it houses (S7), in an emergency before both accepted."""

    before_acceptance: bool
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationWarned(OfAgreement):
    """The full information of an emergency was asked for, or is late (A25)."""

    due_at: datetime
    late: bool
    warning: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FullInformationShared(OfAgreement):
    """The provider has the full information (A25)."""

    due_at: datetime
    late: bool
    person_id: UUID


@dataclass(frozen=True, slots=True)
class MeetingPlanned:
    """A meeting or a visit before the start was planned (A26)."""

    authority: str
    meeting_id: MeetingId
    award_id: UUID
    reference: str
    provider_id: ProviderId
    kind: MeetingKind
    on: date
    person_id: UUID


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    """A meeting or a visit was held, or was called off (A26)."""

    authority: str
    meeting_id: MeetingId
    award_id: UUID
    provider_id: ProviderId
    kind: MeetingKind
    state: MeetingState
    held_on: date | None
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationProposed(OfAgreement):
    """A party proposed to change an agreement (A33)."""

    variation_id: VariationId
    number: int
    reason_code: str
    proposed_by: Party
    proposer_id: UUID
    effective_on: date
    weekly_before: Decimal
    weekly_after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationAwaitsFunding(OfAgreement):
    """Both parties agreed a variation that costs more a week than was funded (S16); `supported_by` decided so far."""

    variation_id: VariationId
    agreed_by: UUID
    weekly_after: Decimal
    funded_weekly: Decimal
    supported_by: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementVaried(OfAgreement):
    """A variation is in force from its day on (A33).

    `funded_by` are the approvers, none where the money was enough. `dropped` are the reviews that a new last day took
    away, `planned` the days of those it added, with their ids in the same order.
    """

    variation_id: VariationId
    version: int
    reason_code: str
    agreed_by: UUID
    funded_by: tuple[UUID, ...]
    effective_on: date
    ends_on: date
    hours: Decimal
    weekly_before: Decimal
    weekly_after: Decimal
    dropped: tuple[ReviewId, ...]
    planned: tuple[date, ...]
    planned_ids: tuple[ReviewId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationDropped(OfAgreement):
    """A variation was refused or withdrawn (A33); by nobody where the last day took it along."""

    variation_id: VariationId
    state: VariationState
    person_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraReviewPlanned(OfAgreement):
    """A review was asked for beside the series (A31)."""

    review_id: ReviewId
    number: int
    cause: ReviewCause
    due_on: date
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFellLate(OfAgreement):
    """A review was not held on its day, or not within a week of it (A31): overdue, or escalated."""

    review_id: ReviewId
    number: int
    due_on: date
    state: ReviewState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHeld(OfAgreement):
    """A review was held and decided (A32).

    Hours a week and category are the new score's; `digest` is the SHA-256 of the kept minutes. Where it began the
    series anew, `dropped` are the reviews that went, `planned` the days of those that came, with their ids in the same
    order.
    """

    review_id: ReviewId
    number: int
    kind: ReviewKind
    held_on: date
    decision: Decision
    plans: tuple[Plan, ...]
    edition: str
    category: CategoryCode | None
    hours_before: Decimal | None
    hours: Decimal | None
    digest: str
    person_id: UUID
    dropped: tuple[ReviewId, ...]
    planned: tuple[date, ...]
    planned_ids: tuple[ReviewId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven(OfAgreement):
    """Notice was given to end an agreement (A34); `last_on` is the last day of the stay now."""

    by: EndedBy
    reason_code: str
    national: str
    expected: bool
    served_on: date
    planned_on: date
    last_on: date
    person_id: UUID
    dropped: tuple[ReviewId, ...]
    sibling: Sibling | None = field(default=None, metadata={"record": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementEnded(OfAgreement):
    """An agreement ended (A34): at whose wish, why, and where the young person moved on to, in codes.

    `sibling` is the other part of the placement, which does not end with it (A23).
    """

    by: EndedBy
    reason_code: str
    national: str
    expected: bool
    planned_on: date
    ended_on: date
    move_on: str
    person_id: UUID | None
    dropped: tuple[ReviewId, ...]
    sibling: Sibling | None = field(default=None, metadata={"record": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPlanMade(OfAgreement):
    """The provider made a version of the support plan (A36)."""

    number: int
    with_young_person: bool
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRecorded(OfAgreement):
    """Hours given were recorded (A35): how many entries for which days, and whose weeks' signatures fell away."""

    entries: int
    from_on: date
    until_on: date
    unsigned: tuple[date, ...]
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSigned(OfAgreement):
    """The young person signed a week's hours, or did not (A35): somebody wrote it down, or by their own link."""

    week: date
    signed: bool
    person_id: UUID | None = None
    link_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursLinkMade(OfAgreement):
    """A link was made by which the young person answers for a week's hours (A35); its token stays out of here."""

    link_id: UUID
    week: date
    expires_at: datetime
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekChecked:
    """A week was over and its hours were held against what was bought (A35).

    The counts are of agreements: those that ran, those with too few hours, those whose earlier week `unsigned_week`
    nobody signed. `references`, `delivered` and `commissioned` are the shortest few, in the same order. `goes_on` says
    whether any agreement runs beyond the week.
    """

    authority: str
    week: date
    agreements: int
    short: int
    unsigned: int
    unsigned_week: date
    references: tuple[str, ...]
    delivered: tuple[Decimal, ...]
    commissioned: tuple[Decimal, ...]
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerExported:
    """Somebody took the cost ledger of some days out of the engine (A33); `digest` is the SHA-256 of the file."""

    authority: str
    from_on: date
    until_on: date
    form: str
    lines: int
    total: Decimal
    digest: str
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernEscalated(OfAgreement):
    """Nobody acknowledged a concern for two hours (A38)."""

    concern_id: ConcernId
    kind: ConcernKind
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernRaised(OfAgreement):
    """The provider told the council of a concern or an incident (A38); its words stay out of here."""

    concern_id: ConcernId
    kind: ConcernKind
    known_at: datetime
    due_by: datetime
    told_at: datetime
    acknowledge_by: datetime
    late: bool
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernAcknowledged(OfAgreement):
    """The council acknowledged a concern (A38)."""

    concern_id: ConcernId
    kind: ConcernKind
    person_id: UUID
