"""How competitions lie in Postgres. Nothing here holds who a young person is."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

STATES: Final = "('open','closed','unsuccessful','awarded','cancelled')"
CHOICES: Final = "('extend','give_up','rerun','wider','negotiate','bespoke')"
RUNNING: Final = "state IN ('open','closed','awarded')"
AWARD_STATES: Final = "('awaiting_funding','funded','refused','agreed')"


def _money(*, nullable: bool = False) -> Column[Decimal]:
    return Column(Numeric(9, 2), nullable=nullable)


def _text(*, nullable: bool = False) -> Column[str]:
    return Column(Text, nullable=nullable)


def _bytes() -> Column[bytes]:
    return Column(LargeBinary, nullable=False)


class CompetitionRow(SQLModel, table=True):
    __tablename__ = "competition"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="competition_referral_fk"
        ),
        CheckConstraint(f"state IN {STATES}", name="competition_state_known"),
        CheckConstraint("urgency IN ('urgent','standard')", name="competition_urgency_known"),
        CheckConstraint("closes_at > opens_at", name="competition_window_forward"),
        CheckConstraint("closed_at IS NULL OR closed_at >= closes_at", name="competition_never_closed_early"),
        CheckConstraint(
            "state NOT IN ('closed','awarded') OR closed_at IS NOT NULL", name="competition_closed_has_instant"
        ),
        CheckConstraint(
            "unsealed_at IS NULL OR (closed_at IS NOT NULL AND unsealed_at >= closed_at)",
            name="competition_never_unsealed_early",
        ),
        CheckConstraint("weight_price + weight_quality + weight_social = 100", name="competition_weights_100"),
        CheckConstraint("least(weight_price, weight_quality, weight_social) >= 0", name="competition_weights_positive"),
        CheckConstraint("hours BETWEEN 0 AND 25 OR (bespoke AND hours <= 168)", name="competition_hours_0_to_25"),
        CheckConstraint("part IN ('accommodation','support')", name="competition_part_known"),
        # A whole fills both places, a part its own: so a referral has one of each running, or one of both (A23).
        Index(
            "competition_one_running_accommodation",
            "authority",
            "referral_id",
            unique=True,
            postgresql_where=text(f"{RUNNING} AND part IS DISTINCT FROM 'support'"),
        ),
        Index(
            "competition_one_running_support",
            "authority",
            "referral_id",
            unique=True,
            postgresql_where=text(f"{RUNNING} AND part IS DISTINCT FROM 'accommodation'"),
        ),
        ForeignKeyConstraint(
            ["authority", "follows"], ["competition.authority", "competition.id"], name="competition_follows_fk"
        ),
        Index(
            "competition_followed_once_accommodation",
            "authority",
            "follows",
            unique=True,
            postgresql_where=text("follows IS NOT NULL AND part IS DISTINCT FROM 'support'"),
        ),
        Index(
            "competition_followed_once_support",
            "authority",
            "follows",
            unique=True,
            postgresql_where=text("follows IS NOT NULL AND part IS DISTINCT FROM 'accommodation'"),
        ),
        Index("competition_due", "closes_at", postgresql_where=text("state = 'open'")),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    referral_id: UUID
    reference: str
    state: str
    urgency: str
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    weight_price: int
    weight_quality: int
    weight_social: int
    category: str
    hours: Decimal = Field(sa_column=Column(Numeric(5, 2), nullable=False))
    age: int
    profile: str = Field(sa_column=_text())
    questions: str = Field(sa_column=_text())
    budget_weekly: Decimal = Field(sa_column=_money())
    housing_benefit_weekly: Decimal = Field(sa_column=_money())
    legal_basis: str
    opened_by: UUID | None = None
    scores: str | None = Field(default=None, sa_column=_text(nullable=True))
    evaluated_at: datetime | None = None
    evaluated_by: UUID | None = None
    follows: UUID | None = None
    unsealed_at: datetime | None = None
    bespoke: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    part: str | None = None


class SealRow(SQLModel, table=True):
    """One row a competition: what its offers are sealed to, and the way back, wrapped for two keys."""

    __tablename__ = "seal"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"], ["competition.authority", "competition.id"], name="seal_competition_fk"
        ),
        CheckConstraint("octet_length(public_key) = 32", name="seal_public_key_32_bytes"),
    )

    authority: str = Field(primary_key=True)
    competition_id: UUID = Field(primary_key=True)
    public_key: bytes = Field(sa_column=_bytes())
    wrapped: bytes = Field(sa_column=_bytes())
    wrapped_for_recovery: bytes = Field(sa_column=_bytes())


class InvitationRow(SQLModel, table=True):
    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="invitation_competition_fk",
        ),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="invitation_provider_fk"),
        UniqueConstraint("authority", "competition_id", "provider_id", name="invitation_once_a_provider"),
        UniqueConstraint("id", name="invitation_id_once"),
        CheckConstraint("versions >= 0", name="invitation_versions_positive"),
        CheckConstraint("(declined_at IS NULL) = (decline_reason IS NULL)", name="invitation_decline_has_reason"),
        Index("invitation_of_provider", "provider_id", "competition_id"),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    competition_id: UUID
    provider_id: UUID
    accommodation_weekly: Decimal | None = Field(default=None, sa_column=_money(nullable=True))
    support_hourly: Decimal | None = Field(default=None, sa_column=_money(nullable=True))
    block_discount: Decimal = Field(sa_column=Column(Numeric(5, 2), nullable=False))
    versions: int
    standing_bid: UUID | None = None
    seen_at: datetime | None = None
    declined_at: datetime | None = None
    decline_reason: str | None = None
    decline_note: str | None = Field(default=None, sa_column=_text(nullable=True))


class InvitationLinkRow(SQLModel, table=True):
    """A way to an invitation: the one it was sent with, and those asked for again by text. All go on working."""

    __tablename__ = "invitation_link"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "invitation_id"],
            ["invitation.authority", "invitation.id"],
            name="invitation_link_invitation_fk",
        ),
        UniqueConstraint("token_hash", name="invitation_link_token_once"),
    )

    authority: str = Field(primary_key=True)
    invitation_id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, nullable=False))
    made_at: datetime


class ExclusionRow(SQLModel, table=True):
    __tablename__ = "exclusion"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="exclusion_competition_fk",
        ),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="exclusion_provider_fk"),
    )

    authority: str = Field(primary_key=True)
    competition_id: UUID = Field(primary_key=True)
    provider_id: UUID = Field(primary_key=True)
    provider: str
    rule: str
    reason: str = Field(sa_column=_text())


class OfferCodeRow(SQLModel, table=True):
    __tablename__ = "offer_code"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="offer_code_invitation_fk"
        ),
        CheckConstraint("tries BETWEEN 0 AND 5", name="offer_code_five_tries"),
    )

    authority: str = Field(primary_key=True)
    invitation_id: UUID = Field(primary_key=True)
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sent_at: datetime
    expires_at: datetime
    tries: int
    sends: int
    used: bool = Field(sa_column=Column(Boolean, nullable=False))


class BidRow(SQLModel, table=True):
    __tablename__ = "bid"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="bid_invitation_fk"
        ),
        UniqueConstraint("authority", "invitation_id", "version", name="bid_version_once"),
        CheckConstraint("version >= 1", name="bid_version_positive"),
        # Whole steps and what the box adds; empty for a bid from before offers were sealed.
        CheckConstraint("octet_length(sealed) = 0 OR octet_length(sealed) % 4096 = 48", name="bid_sealed_in_steps"),
        Index("bid_of_competition", "authority", "competition_id"),
        Index(
            "bid_request_once",
            "authority",
            "invitation_id",
            "request_key",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),  # what was withdrawn may be sent again
        ),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    competition_id: UUID
    provider_id: UUID
    invitation_id: UUID
    version: int
    received_at: datetime
    digest: str
    request_key: str | None = None
    withdrawn_at: datetime | None = None
    sealed: bytes = Field(sa_column=_bytes())


class OpenedBidRow(SQLModel, table=True):
    """What a standing bid said, from the opening on."""

    __tablename__ = "opened_bid"
    __table_args__ = (
        ForeignKeyConstraint(["authority", "bid_id"], ["bid.authority", "bid.id"], name="opened_bid_bid_fk"),
    )

    authority: str = Field(primary_key=True)
    bid_id: UUID = Field(primary_key=True)
    content: str = Field(sa_column=_text())
    opened_at: datetime


class LateOfferRow(SQLModel, table=True):
    """An offer that was refused as late: append-only, and never what it said."""

    __tablename__ = "late_offer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="late_offer_invitation_fk"
        ),
        Index("late_offer_of_competition", "authority", "competition_id", "received_at"),
        Index("late_offer_of_invitation", "authority", "invitation_id"),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    competition_id: UUID
    invitation_id: UUID
    provider_id: UUID
    received_at: datetime
    closes_at: datetime
    digest: str


class AwardRow(SQLModel, table=True):
    __tablename__ = "award"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"], ["competition.authority", "competition.id"], name="award_competition_fk"
        ),
        ForeignKeyConstraint(["authority", "bid_id"], ["bid.authority", "bid.id"], name="award_bid_fk"),
        ForeignKeyConstraint(
            ["authority", "round_id"],
            ["negotiation_round.authority", "negotiation_round.id"],
            name="award_round_fk",
        ),
        CheckConstraint(f"state IN {AWARD_STATES}", name="award_state_known"),
        Index(
            "award_one_live",
            "authority",
            "competition_id",
            unique=True,
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    competition_id: UUID
    bid_id: UUID
    provider_id: UUID
    state: str
    reason: str = Field(sa_column=_text())
    rank: int
    weekly_cost: Decimal = Field(sa_column=_money())
    awarded_by: UUID
    awarded_at: datetime
    round_id: UUID | None = None


class FundingRow(SQLModel, table=True):
    __tablename__ = "funding"
    __table_args__ = (
        ForeignKeyConstraint(["authority", "award_id"], ["award.authority", "award.id"], name="funding_award_fk"),
        CheckConstraint("decision IN ('support','authorise','refuse')", name="funding_decision_known"),
    )

    authority: str = Field(primary_key=True)
    award_id: UUID = Field(primary_key=True)
    approver: UUID = Field(primary_key=True)
    decision: str
    reason: str = Field(sa_column=_text())
    decided_at: datetime


class DecisionRow(SQLModel, table=True):
    """What was decided about a window and why. The reason is the council's own and goes to no provider.

    `number` counts the decisions of one competition, in the order of its lock.
    """

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="decision_competition_fk",
        ),
        CheckConstraint(f"choice IN {CHOICES}", name="decision_choice_known"),
        CheckConstraint("(choice = 'extend') = (closes_at IS NOT NULL)", name="decision_extension_has_instants"),
        CheckConstraint("closes_at > closed_before", name="decision_only_later"),
        CheckConstraint("(choice = 'wider') = (category IS NOT NULL)", name="decision_wider_has_category"),
        CheckConstraint("number >= 1", name="decision_number_positive"),
    )

    authority: str = Field(primary_key=True)
    competition_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    choice: str
    reason: str = Field(sa_column=_text())
    decided_by: UUID
    decided_at: datetime
    closed_before: datetime | None = None
    closes_at: datetime | None = None
    category: str | None = None


class QuestionRow(SQLModel, table=True):
    """What a provider asked, as typed, for the council only; `shown` and `answer` are redacted and go to all (S26)."""

    __tablename__ = "question"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="question_competition_fk",
        ),
        ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="question_invitation_fk"
        ),
        CheckConstraint("length(words) BETWEEN 1 AND 1000", name="question_1_to_1000"),
        CheckConstraint("num_nulls(shown, answer, answered_at, answered_by) IN (0, 4)", name="question_answer_whole"),
        Index("question_of_competition", "authority", "competition_id"),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    competition_id: UUID
    invitation_id: UUID
    words: str = Field(sa_column=_text())
    asked_at: datetime
    shown: str | None = Field(default=None, sa_column=_text(nullable=True))
    answer: str | None = Field(default=None, sa_column=_text(nullable=True))
    answered_at: datetime | None = None
    answered_by: UUID | None = None


class DifferenceRow(SQLModel, table=True):
    """Where a category does not fit: what differs, what meets it, and the price agreed with one invitee (A11)."""

    __tablename__ = "difference"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="difference_competition_fk",
        ),
        ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="difference_invitation_fk"
        ),
        CheckConstraint("state IN ('proposed','agreed','refused','withdrawn')", name="difference_state_known"),
        CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="difference_has_a_price"
        ),
        CheckConstraint("accommodation_weekly >= 0 AND support_hourly >= 0", name="difference_money_positive"),
        CheckConstraint("btrim(differences) <> '' AND btrim(expertise) <> ''", name="difference_says_something"),
        CheckConstraint("(answered_by IS NULL) = (answered_at IS NULL)", name="difference_answer_whole"),
        CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name="difference_answered_once_decided"),
        Index(
            "difference_one_an_invitation",
            "authority",
            "invitation_id",
            unique=True,
            postgresql_where=text("state IN ('proposed','agreed')"),
        ),
        Index("difference_of_competition", "authority", "competition_id"),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    competition_id: UUID
    invitation_id: UUID
    provider_id: UUID
    differences: str = Field(sa_column=_text())
    expertise: str = Field(sa_column=_text())
    accommodation_weekly: Decimal | None = Field(default=None, sa_column=_money(nullable=True))
    support_hourly: Decimal | None = Field(default=None, sa_column=_money(nullable=True))
    state: str
    by_provider: bool = Field(sa_column=Column(Boolean, nullable=False))
    proposed_by: UUID
    proposed_at: datetime
    answered_by: UUID | None = None
    answered_at: datetime | None = None


class NegotiationRoundRow(SQLModel, table=True):
    """One proposal in the negotiation of a bespoke package with one bidder: all are kept (A10)."""

    __tablename__ = "negotiation_round"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="negotiation_round_competition_fk",
        ),
        ForeignKeyConstraint(
            ["authority", "invitation_id"],
            ["invitation.authority", "invitation.id"],
            name="negotiation_round_invitation_fk",
        ),
        UniqueConstraint("authority", "invitation_id", "number", name="negotiation_round_number_once"),
        CheckConstraint("number >= 1", name="negotiation_round_number_positive"),
        CheckConstraint("state IN ('proposed','agreed','refused','withdrawn')", name="negotiation_round_state_known"),
        CheckConstraint("hours BETWEEN 0 AND 168", name="negotiation_round_hours_of_a_week"),
        CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="negotiation_round_has_a_price"
        ),
        CheckConstraint("accommodation_weekly >= 0 AND support_hourly >= 0", name="negotiation_round_money_positive"),
        CheckConstraint("btrim(words) <> ''", name="negotiation_round_says_something"),
        CheckConstraint("(answered_by IS NULL) = (answered_at IS NULL)", name="negotiation_round_answer_whole"),
        CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name="negotiation_round_answered_once_decided"),
        Index(
            "negotiation_round_one_open",
            "authority",
            "invitation_id",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("negotiation_round_of_competition", "authority", "competition_id"),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    competition_id: UUID
    invitation_id: UUID
    provider_id: UUID
    number: int
    hours: Decimal = Field(sa_column=Column(Numeric(5, 2), nullable=False))
    accommodation_weekly: Decimal | None = Field(default=None, sa_column=_money(nullable=True))
    support_hourly: Decimal | None = Field(default=None, sa_column=_money(nullable=True))
    words: str = Field(sa_column=_text())
    state: str
    by_provider: bool = Field(sa_column=Column(Boolean, nullable=False))
    proposed_by: UUID
    proposed_at: datetime
    answered_by: UUID | None = None
    answered_at: datetime | None = None


COMPETITION: Final[Table] = SQLModel.metadata.tables["competition"]
INVITATION: Final[Table] = SQLModel.metadata.tables["invitation"]
INVITATION_LINK: Final[Table] = SQLModel.metadata.tables["invitation_link"]
EXCLUSION: Final[Table] = SQLModel.metadata.tables["exclusion"]
OFFER_CODE: Final[Table] = SQLModel.metadata.tables["offer_code"]
BID: Final[Table] = SQLModel.metadata.tables["bid"]
SEAL: Final[Table] = SQLModel.metadata.tables["seal"]
OPENED_BID: Final[Table] = SQLModel.metadata.tables["opened_bid"]
LATE_OFFER: Final[Table] = SQLModel.metadata.tables["late_offer"]
AWARD: Final[Table] = SQLModel.metadata.tables["award"]
FUNDING: Final[Table] = SQLModel.metadata.tables["funding"]
DECISION: Final[Table] = SQLModel.metadata.tables["decision"]
QUESTION: Final[Table] = SQLModel.metadata.tables["question"]
DIFFERENCE: Final[Table] = SQLModel.metadata.tables["difference"]
ROUND: Final[Table] = SQLModel.metadata.tables["negotiation_round"]
