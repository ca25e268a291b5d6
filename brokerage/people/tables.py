"""How authorities, people and sessions lie in Postgres."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    Table,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

ROLES: Final = (
    "('placements','coordinator','approver','commissioner','quality','dps_admin','careline','auditor',"
    "'authority_admin','provider','provider_admin','operator')"
)
OF_PROVIDER: Final = "role IN ('provider','provider_admin')"
OF_NO_COUNCIL: Final = "role IN ('provider','provider_admin','operator')"


class AuthorityRow(SQLModel, table=True):
    __tablename__ = "authority"
    __table_args__ = (
        Index("authority_one_keeper", "keeps_register", unique=True, postgresql_where=text("keeps_register")),
    )

    key: str = Field(primary_key=True)
    name: str
    legal_basis: str
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
    key_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    left_at: datetime | None = None


class SessionRow(SQLModel, table=True):
    __tablename__ = "session"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["person.id"], name="session_person_fk"),)

    id_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    person_id: UUID
    created_at: datetime
    seen_at: datetime


AUTHORITY: Final[Table] = SQLModel.metadata.tables["authority"]
PERSON: Final[Table] = SQLModel.metadata.tables["person"]
SESSION: Final[Table] = SQLModel.metadata.tables["session"]
