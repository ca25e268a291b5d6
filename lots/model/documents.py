"""Name the files that show evidence, the door of an applicant, and why a file is not taken (A14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model.joining import ApplicationId
from lots.model.register import ProviderId

DocumentId = NewType("DocumentId", UUID)


class MediaType(StrEnum):
    """Name what a file may be, by its content."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


class Unfit(StrEnum):
    """Say why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_POINTS = "too_many_points"
    ACTIVE = "active"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Checked:
    """Hold a file that was looked into: what it is, and its bytes as they may be kept."""

    media_type: MediaType
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """Hold a kept file. `sha256` is of the bytes kept; `uploaded_by` is the key of whoever sent it."""

    id: DocumentId
    provider_id: ProviderId
    media_type: MediaType
    sha256: bytes
    size: int
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class ApplicantLink:
    """Hold an e-mailed link to an application; there is none yet before the link is used."""

    email: str
    firm: str
    application_id: ApplicationId | None
    expires_at: datetime
