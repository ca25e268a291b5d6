"""Name what a provider shows to stay on the register, and until when it counts (DPS spec 3.6.1, 3.10, A14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, NewType
from uuid import UUID

from lots.model.catalogue import CategoryCode

EvidenceId = NewType("EvidenceId", UUID)


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """Describe one kind of evidence: who must hold it, and how old it may be.

    `months` is how long a piece counts at most from its first day; None is as long as the piece itself says.
    A kind `per_property` is held for each home and stops that home alone. An application asks for it in `section`.
    """

    key: str
    title: str
    categories: frozenset[CategoryCode]
    months: int | None
    per_property: bool
    section: str

    def __post_init__(self) -> None:
        if not self.key or not self.title.strip():
            raise ValueError("a kind of evidence needs a key and a title")
        if not self.categories:
            raise ValueError(f"{self.key}: asked in no category at all")
        if self.months is not None and self.months < 1:
            raise ValueError(f"{self.key}: must count for a month or more, not {self.months}")


class Held(NamedTuple):
    """Hold one accepted piece: its kind, and its first and last day, both included.

    A plain tuple, because a thousand providers hold nine thousand of them and each invitation reads them all.
    """

    kind: str
    valid_from: date
    valid_to: date | None


class EvidenceState(StrEnum):
    """Name where a piece of evidence stands; only accepted evidence counts."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold one piece of evidence as it was put forward; `document_id` is the file, once files are kept."""

    id: EvidenceId
    provider_id: UUID
    property_id: UUID | None
    kind: str
    reference: str
    valid_from: date
    valid_to: date | None
    state: EvidenceState = EvidenceState.OFFERED
    note: str = ""
    document_id: UUID | None = None
    offered_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"evidence cannot end on {self.valid_to} before it begins on {self.valid_from}")
        if self.state is EvidenceState.REFUSED and not self.note.strip():
            raise ValueError("evidence is refused with a reason")


@dataclass(frozen=True, slots=True)
class ExpiryWarning:
    """Say that a kind of evidence runs out: `days_left` is 60, 30 or 7, the nearest that has come."""

    kind: EvidenceKind
    ends_on: date
    days_left: int
