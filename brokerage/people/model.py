"""Who acts: authorities, people, what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", UUID)


class Role(StrEnum):
    PLACEMENTS = "placements"
    COORDINATOR = "coordinator"
    APPROVER = "approver"
    COMMISSIONER = "commissioner"
    QUALITY = "quality"
    DPS_ADMIN = "dps_admin"
    CARELINE = "careline"
    AUDITOR = "auditor"
    AUTHORITY_ADMIN = "authority_admin"
    PROVIDER = "provider"
    PROVIDER_ADMIN = "provider_admin"
    APPLICANT = "applicant"
    OPERATOR = "operator"
    SYSTEM = "system"

    @property
    def of_provider(self) -> bool:
        """Say whether this is somebody who works for a provider, and so for no council."""
        return self in {Role.PROVIDER, Role.PROVIDER_ADMIN}


class Permission(StrEnum):
    """One thing a person may do. Permissions decide, roles bundle them."""

    ASSESS = "assess"
    RAISE_REFERRAL = "raise_referral"
    SEE_REFERRAL = "see_referral"
    OPEN_COMPETITION = "open_competition"
    SEE_COMPETITION = "see_competition"
    EVALUATE = "evaluate"
    AWARD = "award"
    AUTHORISE_FUNDING = "authorise_funding"
    ADMIT_EXCEPTION = "admit_exception"
    OPEN_AGREEMENT = "open_agreement"
    SEE_AGREEMENT = "see_agreement"
    REVIEW_PLACEMENT = "review_placement"
    VARY_AGREEMENT = "vary_agreement"
    END_AGREEMENT = "end_agreement"
    ACKNOWLEDGE_CONCERN = "acknowledge_concern"
    EXPORT_LEDGER = "export_ledger"
    SEE_REGISTER = "see_register"
    ASSESS_APPLICATION = "assess_application"
    CHANGE_STANDING = "change_standing"
    DECIDE_EVIDENCE = "decide_evidence"
    SET_PRICES = "set_prices"
    CONSENT_SUBCONTRACTOR = "consent_subcontractor"
    CHANGE_SPECIFICATION = "change_specification"
    AUTHORISE_SPECIFICATION = "authorise_specification"
    SEE_EQUALITY = "see_equality"
    SEE_NIGHTS = "see_nights"
    PLACE_NOW = "place_now"
    SEE_RECORD = "see_record"
    SEE_SIGHTS = "see_sights"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SETTINGS = "manage_settings"
    SHARE = "share"
    SEE_HEALTH = "see_health"
    BID = "bid"
    DELIVER = "deliver"
    MANAGE_FIRM = "manage_firm"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Authority:
    """One council. `offer_code` is S9's setting: a link offer needs a code sent to the phone.

    One of them keeps the register that all share: its administrator admits firms, and its record says so (A4).
    """

    key: str
    name: str
    legal_basis: str
    offer_code: bool = True
    urgent_waits_for_morning: bool = False
    office_phone: str = ""
    keeps_register: bool = False
    legal_profile: str = "pcr2015_light_touch"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does a thing: a person of an authority, a provider's user, or the system."""

    role: Role
    name: str
    authority: str | None = None
    person_id: PersonId | None = None
    provider_id: UUID | None = None
    application_id: UUID | None = None

    @property
    def key(self) -> str:
        """Name the actor in the record: an id, never a name, so that a person can be forgotten."""
        if self.person_id:
            return f"person:{self.person_id}"
        if self.application_id:
            return f"applicant:{self.application_id}"
        return f"provider:{self.provider_id}" if self.provider_id else self.role.value


@dataclass(frozen=True, slots=True)
class Person:
    id: PersonId
    authority: str | None
    name: str
    role: Role
    email: str
    provider_id: UUID | None = None
    weekly_limit: Decimal | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.role, self.name, self.authority, self.id, self.provider_id)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. Only the hash of its id is stored."""

    person: Person
    expires_at: datetime
    seen_at: datetime
