"""Say what has happened to an application (A13, S25)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from lots.model import ApplicationId, CategoryCode, ProviderId, RegistrationId, Section


@dataclass(frozen=True, slots=True)
class ApplicationStarted:
    """Somebody began to apply (A13)."""

    application_id: ApplicationId
    provider_id: ProviderId


@dataclass(frozen=True, slots=True)
class ApplicationSectionSaved:
    """A section of an application was kept as typed."""

    application_id: ApplicationId
    provider_id: ProviderId
    section: Section


@dataclass(frozen=True, slots=True)
class ApplicationSubmitted:
    """A complete application came in; `decide_by` is the last day for a decision (S25)."""

    application_id: ApplicationId
    provider_id: ProviderId
    categories: tuple[CategoryCode, ...]
    submitted_at: datetime
    decide_by: date
    email: str = field(default="", metadata={"record": False})


@dataclass(frozen=True, slots=True)
class ApplicationExtended:
    """The time for the decision was extended, and the applicant is told why (S25)."""

    application_id: ApplicationId
    provider_id: ProviderId
    decide_by: date
    reason: str = field(metadata={"record": False})
    email: str = field(default="", metadata={"record": False})


@dataclass(frozen=True, slots=True)
class ApplicationAssessed:
    """Every criterion was found to be met or not (A13)."""

    application_id: ApplicationId
    provider_id: ProviderId
    met: tuple[str, ...]
    unmet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationAdmitted:
    """An application was admitted, and its provider is on the register (A13)."""

    application_id: ApplicationId
    provider_id: ProviderId
    registrations: tuple[RegistrationId, ...]
    categories: tuple[CategoryCode, ...]
    late: bool
    email: str = field(default="", metadata={"record": False})


@dataclass(frozen=True, slots=True)
class ApplicationRefused:
    """An application was refused, with the criteria it did not meet; the applicant may apply again (A13)."""

    application_id: ApplicationId
    provider_id: ProviderId
    unmet: tuple[str, ...]
    late: bool
    reasons: tuple[str, ...] = field(metadata={"record": False})
    email: str = field(default="", metadata={"record": False})


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn:
    """The applicant took the application back."""

    application_id: ApplicationId
    provider_id: ProviderId


@dataclass(frozen=True, slots=True)
class ApplicantLinkSent:
    """A link to begin or go on with an application went to an e-mail address (A13)."""

    link_id: UUID
    expires_at: datetime
    email: str = field(metadata={"record": False})
    token: str = field(repr=False, metadata={"record": False})


@dataclass(frozen=True, slots=True)
class ApplicantCodeSent:
    """A code went to an applicant: to prove who follows the link, or that a mobile is theirs (A13, S9)."""

    code_id: UUID
    expires_at: datetime
    email: str = field(metadata={"record": False})
    mobile: str = field(metadata={"record": False})
    code: str = field(repr=False, metadata={"record": False})


@dataclass(frozen=True, slots=True)
class MobileConfirmed:
    """The code sent to a contact's mobile came back from it (A13)."""

    application_id: ApplicationId
    provider_id: ProviderId


@dataclass(frozen=True, slots=True)
class FirmAdministratorMade:
    """A provider that was admitted has its first administrator, who is sent a link to set up how they sign in (A13)."""

    provider_id: ProviderId
    person_id: UUID


@dataclass(frozen=True, slots=True)
class DocumentKept:
    """A file was looked into and kept (A14)."""

    document_id: UUID
    provider_id: ProviderId
    media_type: str
    size: int
    sha256: str
