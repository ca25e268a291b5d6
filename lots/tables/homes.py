"""Lay homes, beds, and the numbers that answer at night in Postgres (A14, A17)."""

from datetime import date, datetime, time
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlmodel import Field, SQLModel


class PropertyRow(SQLModel, table=True):
    """A home of a provider."""

    __tablename__ = "property"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_property"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_property_provider"),
        UniqueConstraint("id", "provider_id", name="uq_property_of_provider"),
        CheckConstraint("btrim(name) <> ''", name="ck_property_name"),
        CheckConstraint("outward_code ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?$'", name="ck_property_outward_code"),
        CheckConstraint("ofsted_category BETWEEN 1 AND 4", name="ck_property_ofsted_category"),
        CheckConstraint("closed_on >= opened_on", name="ck_property_dates"),
        Index("ix_property_provider", "provider_id"),
    )

    id: UUID
    provider_id: UUID
    name: str
    address: str
    outward_code: str
    ofsted_category: int | None = Field(sa_column=Column(sa.SmallInteger, nullable=True))
    opened_on: date
    closed_on: date | None


class RoomRow(SQLModel, table=True):
    """A room of a home."""

    __tablename__ = "room"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_room"),
        ForeignKeyConstraint(["property_id"], ["property.id"], name="fk_room_property"),
        CheckConstraint("btrim(name) <> ''", name="ck_room_name"),
        CheckConstraint("sharing IN ('single', 'shared')", name="ck_room_sharing"),
        Index("ix_room_property", "property_id"),
    )

    id: UUID
    property_id: UUID
    name: str
    sharing: str
    step_free: bool


class BedRow(SQLModel, table=True):
    """A bed of a room."""

    __tablename__ = "bed"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_bed"),
        ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_bed_room"),
        UniqueConstraint("room_id", "number", name="uq_bed_number"),
        CheckConstraint("number >= 1", name="ck_bed_number"),
    )

    id: UUID
    room_id: UUID
    number: int


class BedHoldRow(SQLModel, table=True):
    """Days on which a bed is taken, by a stay or a void, both end days included.

    Shared by the councils and silent about who: that two of them never hold one bed is held here, whatever each sees.
    """

    __tablename__ = "bed_hold"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_bed_hold"),
        ForeignKeyConstraint(["bed_id"], ["bed.id"], name="fk_bed_hold_bed"),
        CheckConstraint("kind IN ('stay', 'void')", name="ck_bed_hold_kind"),
        CheckConstraint("ends_on >= starts_on", name="ck_bed_hold_dates"),
        CheckConstraint(
            "(kind = 'void') = (void_reason IS NOT NULL) AND void_reason IN"
            " ('repairs', 'maintenance', 'cooling_off', 'fewer_people', 'handing_back')",
            name="ck_bed_hold_void_reason",
        ),
        ExcludeConstraint(
            ("bed_id", "="),
            (sa.text("daterange(starts_on, ends_on, '[]')"), "&&"),
            using="gist",
            name="ex_bed_hold_no_overlap",
        ),
    )

    id: UUID
    bed_id: UUID
    kind: str
    starts_on: date
    ends_on: date | None
    void_reason: str | None
    made_at: datetime


class StayRow(SQLModel, table=True):
    """What a council holds a bed for. The referral lies in a package above, so its id has no foreign key here."""

    __tablename__ = "stay"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_stay"),
        ForeignKeyConstraint(["hold_id"], ["bed_hold.id"], name="fk_stay_hold"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_stay_provider"),
        UniqueConstraint("hold_id", name="uq_stay_hold"),
        Index("ix_stay_about", "authority", "about"),
    )

    authority: str
    id: UUID
    hold_id: UUID
    provider_id: UUID
    about: UUID


class NightContactRow(SQLModel, table=True):
    """A provider's number out of hours, with the London clock times at which it is answered (A17)."""

    __tablename__ = "night_contact"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_night_contact"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_night_contact_provider"),
        UniqueConstraint("id", "provider_id", name="uq_night_contact_of_provider"),
        CheckConstraint("purpose IN ('young_people', 'emergency_places')", name="ck_night_contact_purpose"),
        CheckConstraint("btrim(who) <> '' AND btrim(phone) <> ''", name="ck_night_contact_who"),
        CheckConstraint(
            "weekdays <@ ARRAY[0, 1, 2, 3, 4, 5, 6]::smallint[] AND cardinality(weekdays) > 0",
            name="ck_night_contact_weekdays",
        ),
        Index("ix_night_contact_provider", "provider_id"),
    )

    id: UUID
    provider_id: UUID
    purpose: str
    who: str
    phone: str
    opens: time
    closes: time
    weekdays: list[int] = Field(sa_column=Column(ARRAY(sa.SmallInteger), nullable=False))


class NightCallRow(SQLModel, table=True):
    """A call of one council to a provider's number, for a young person or to try it (A17)."""

    __tablename__ = "night_call"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_night_call"),
        ForeignKeyConstraint(
            ["contact_id", "provider_id"],
            ["night_contact.id", "night_contact.provider_id"],
            name="fk_night_call_contact",
        ),
        CheckConstraint("kind IN ('real', 'test')", name="ck_night_call_kind"),
        CheckConstraint(
            "outcome IN ('can_take', 'full', 'cannot_take', 'answered', 'no_answer', 'wrong_number')",
            name="ck_night_call_outcome",
        ),
        CheckConstraint(
            "kind = 'real' OR (outcome NOT IN ('can_take', 'full', 'cannot_take') AND about IS NULL)",
            name="ck_night_call_test_asks_no_place",
        ),
        CheckConstraint(
            "placed_at IS NULL OR (outcome = 'can_take' AND about IS NOT NULL)", name="ck_night_call_placed_on_a_yes"
        ),
        Index("ix_night_call_at", "authority", "called_at"),
        Index("ix_night_call_provider", "authority", "provider_id", "called_at"),
    )

    authority: str
    id: UUID
    provider_id: UUID
    contact_id: UUID
    kind: str
    called_at: datetime
    outcome: str
    note: str
    about: UUID | None
    called_by: UUID | None
    placed_at: datetime | None


class NightSheetRow(SQLModel, table=True):
    """The page of an evening that opens with no network, as it was made (A17)."""

    __tablename__ = "night_sheet"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_night_sheet"),
        Index("ix_night_sheet_made", "authority", "made_at"),
    )

    authority: str
    id: UUID
    for_on: date
    made_at: datetime
    html: str


PROPERTY: Final[Table] = SQLModel.metadata.tables["property"]
ROOM: Final[Table] = SQLModel.metadata.tables["room"]
BED: Final[Table] = SQLModel.metadata.tables["bed"]
BED_HOLD: Final[Table] = SQLModel.metadata.tables["bed_hold"]
STAY: Final[Table] = SQLModel.metadata.tables["stay"]
NIGHT_CONTACT: Final[Table] = SQLModel.metadata.tables["night_contact"]
NIGHT_CALL: Final[Table] = SQLModel.metadata.tables["night_call"]
NIGHT_SHEET: Final[Table] = SQLModel.metadata.tables["night_sheet"]
