"""Who acts: authorities, people, what each may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    offer_code: bool = True
    urgent_waits_for_morning: bool = False
    office_phone: str = ""
    keeps_register: bool = False
    legal_profile: str = "pcr2015_light_touch"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does a thing: a person of an authority, a provider's user, or the system.

    `role` is the main one, `roles` are the others; what they permit adds up. `proven` is false in a session whose
    last proof of who sits there is too old for a grave deed.
    """

    role: Role
    name: str
    authority: str | None = None
    person_id: PersonId | None = None
    provider_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    proven: bool = True
    application_id: UUID | None = None

    @property
    def every_role(self) -> frozenset[Role]:
        return self.roles | {self.role}

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
    """Somebody with an account. `role` is the main one, `roles` are the others."""

    id: PersonId
    authority: str | None
    name: str
    role: Role
    email: str
    provider_id: UUID | None = None
    weekly_limit: Decimal | None = None
    roles: frozenset[Role] = frozenset()
    left_at: datetime | None = None
    key_made_at: datetime | None = None

    @property
    def every_role(self) -> frozenset[Role]:
        return self.roles | {self.role}

    @property
    def actor(self) -> Actor:
        return Actor(self.role, self.name, self.authority, self.id, self.provider_id, self.roles)


class Way(StrEnum):
    """How a session began."""

    KEY = "key"
    PASSWORD = "password"  # noqa: S105  # the name of a way, not a password
    LINK = "link"
    OIDC = "oidc"


class Waiting(StrEnum):
    """What a session still waits for before it is one: nothing may be done in it until then."""

    CODE = "code"
    APP = "app"
    CHOICE = "choice"


class Means(StrEnum):
    """Where the one-time code comes from."""

    APP = "app"
    SMS = "sms"
    EMAIL = "email"


class Purpose(StrEnum):
    """What a link that was e-mailed is good for, once."""

    SET_UP = "set_up"
    RESET = "reset"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, or one on the way there. Only the hash of its id is stored; `handle` names it in lists.

    `agent` says what it is in coarse words, such as "Firefox on Windows".
    """

    person: Person
    handle: UUID
    way: Way
    agent: str
    began_at: datetime
    seen_at: datetime
    proved_at: datetime | None = None
    waiting: Waiting | None = None
    onward: str = "/"


@dataclass(frozen=True, slots=True)
class Login:
    """How a person signs in by themselves. `mobile` is confirmed by a code; `issuer` and `subject` come from OIDC."""

    person_id: PersonId
    email: str
    password_hash: str | None = field(default=None, repr=False)
    app_key: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    issuer: str | None = None
    subject: str | None = None

    @property
    def means(self) -> Means:
        if self.app_key:
            return Means.APP
        return Means.SMS if self.mobile else Means.EMAIL


@dataclass(frozen=True, slots=True)
class Limit:
    """How often one thing may be tried within a span of time."""

    name: str
    most: int
    within: timedelta
