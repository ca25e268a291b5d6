"""How authorities, people and sessions lie in Postgres."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
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

ROLES: Final = (
    "('placements','coordinator','approver','commissioner','quality','dps_admin','careline','auditor',"
    "'authority_admin','provider','provider_admin','operator')"
)
ALL_ROLES: Final = ROLES.replace("(", "[").replace(")", "]")
OF_PROVIDER: Final = "role IN ('provider','provider_admin')"
OF_NO_COUNCIL: Final = "role IN ('provider','provider_admin','operator')"


class AuthorityRow(SQLModel, table=True):
    __tablename__ = "authority"
    __table_args__ = (
        Index("authority_one_keeper", "keeps_register", unique=True, postgresql_where=text("keeps_register")),
    )

    key: str = Field(primary_key=True)
    name: str
    legal_profile: str
    offer_code: bool
    urgent_waits_for_morning: bool
    office_phone: str
    keeps_register: bool


class PersonRow(SQLModel, table=True):
    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="person_role_known"),
        CheckConstraint(f"({OF_PROVIDER}) = (provider_id IS NOT NULL)", name="person_provider_role"),
        CheckConstraint(f"({OF_NO_COUNCIL}) = (authority IS NULL)", name="person_authority_role"),
        CheckConstraint("weekly_limit IS NULL OR weekly_limit >= 0", name="person_limit_positive"),
        CheckConstraint("role = ANY (roles)", name="person_main_role"),
        CheckConstraint(f"roles <@ ARRAY{ALL_ROLES}::text[]", name="person_roles_known"),
        CheckConstraint(
            "(provider_id IS NOT NULL) = (roles <@ ARRAY['provider','provider_admin']::text[])",
            name="person_roles_of_provider",
        ),
        CheckConstraint(
            "(authority IS NULL AND provider_id IS NULL) = (roles && ARRAY['operator']::text[])",
            name="person_roles_of_council",
        ),
        CheckConstraint("(key_hash IS NULL) = (key_made_at IS NULL)", name="person_key_dated"),
        ForeignKeyConstraint(["authority"], ["authority.key"], name="person_authority_fk"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="person_provider_fk"),
        UniqueConstraint("key_hash", name="person_key_hash_once"),
    )

    id: UUID = Field(primary_key=True)
    authority: str | None = None
    name: str
    role: str
    email: str
    provider_id: UUID | None = None
    weekly_limit: Decimal | None = Field(default=None, sa_column=Column(Numeric(9, 2), nullable=True))
    key_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    key_made_at: datetime | None = None
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    left_at: datetime | None = None


class SessionRow(SQLModel, table=True):
    __tablename__ = "session"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"], name="session_person_fk"),
        UniqueConstraint("handle", name="session_handle_once"),
        CheckConstraint("way IN ('key','password','link','oidc')", name="session_way_known"),
        CheckConstraint("waiting IS NULL OR waiting IN ('code','app','choice')", name="session_waiting_known"),
        Index("session_person", "person_id"),
    )

    id_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    person_id: UUID
    created_at: datetime
    seen_at: datetime
    handle: UUID
    way: str
    agent: str
    proved_at: datetime | None = None
    waiting: str | None = None
    onward: str


class LoginRow(SQLModel, table=True):
    """How a person signs in by themselves; gone when they leave."""

    __tablename__ = "login"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"], name="login_person_fk"),
        UniqueConstraint("email", name="login_email_once"),
        UniqueConstraint("issuer", "subject", name="login_subject_once"),
        CheckConstraint("email = lower(email)", name="login_email_folded"),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="login_subject_whole"),
    )

    person_id: UUID = Field(primary_key=True)
    email: str
    password_hash: str | None = None
    app_key: str | None = None
    app_step: int = Field(sa_column=Column(BigInteger, nullable=False))
    recovery: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    mobile: str | None = None
    issuer: str | None = None
    subject: str | None = None


class LoginCodeRow(SQLModel, table=True):
    """The last code sent to a person, and how often it was tried."""

    __tablename__ = "login_code"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["person.id"], name="login_code_person_fk"),)

    person_id: UUID = Field(primary_key=True)
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sent_at: datetime
    sends: int
    expires_at: datetime
    tries: int
    used: bool


class LoginLinkRow(SQLModel, table=True):
    """A link that was e-mailed; good once."""

    __tablename__ = "login_link"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"], name="login_link_person_fk"),
        CheckConstraint("purpose IN ('set_up','reset','sign_in')", name="login_link_purpose_known"),
        Index("login_link_person", "person_id"),
    )

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    person_id: UUID
    purpose: str
    expires_at: datetime
    used_at: datetime | None = None


class LoginAskedRow(SQLModel, table=True):
    """An address for which a link was asked. The worker looks whether it is known: the page does the same for all."""

    __tablename__ = "login_asked"
    __table_args__ = (CheckConstraint("purpose IN ('reset','sign_in')", name="login_asked_purpose_known"),)

    id: UUID = Field(primary_key=True)
    email: str
    purpose: str
    asked_at: datetime


class AttemptRow(SQLModel, table=True):
    """How often something was tried in the running span; whose it is lies here as a hash only."""

    __tablename__ = "attempt"
    __table_args__ = (Index("attempt_ends", "ends_at"),)

    key_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    count: int
    ends_at: datetime


class CalendarFeedRow(SQLModel, table=True):
    """Somebody's secret calendar address, of which only the hash is kept; one a person."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"], name="calendar_feed_person_fk"),
        UniqueConstraint("secret_hash", name="calendar_feed_secret_once"),
    )

    person_id: UUID = Field(primary_key=True)
    secret_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime


AUTHORITY: Final[Table] = SQLModel.metadata.tables["authority"]
PERSON: Final[Table] = SQLModel.metadata.tables["person"]
SESSION: Final[Table] = SQLModel.metadata.tables["session"]
LOGIN: Final[Table] = SQLModel.metadata.tables["login"]
LOGIN_CODE: Final[Table] = SQLModel.metadata.tables["login_code"]
LOGIN_LINK: Final[Table] = SQLModel.metadata.tables["login_link"]
LOGIN_ASKED: Final[Table] = SQLModel.metadata.tables["login_asked"]
ATTEMPT: Final[Table] = SQLModel.metadata.tables["attempt"]
CALENDAR_FEED: Final[Table] = SQLModel.metadata.tables["calendar_feed"]
