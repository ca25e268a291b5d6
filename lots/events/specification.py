"""Say what has happened to the specification (A19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from lots.model import ChangeId, ProviderId


@dataclass(frozen=True, slots=True)
class SpecificationProposed:
    """A change was put to every provider on the register, to be answered by a day."""

    change_id: ChangeId
    answer_by: date
    effective_on: date
    person_id: UUID
    asked: tuple[ProviderId, ...]
    title: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class SpecificationAnswered:
    """A provider answered; what it said is kept beside the change."""

    change_id: ChangeId
    answer_id: UUID
    provider_id: ProviderId
    stance: str


@dataclass(frozen=True, slots=True)
class SpecificationDecided:
    """A change was authorised by a chief officer, and holds from a day on; or it was refused or withdrawn."""

    change_id: ChangeId
    state: str
    effective_on: date
    person_id: UUID
    told: tuple[ProviderId, ...]
    title: str = field(metadata={"record": False})
