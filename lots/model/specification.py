"""Name a change of the specification: proposed, consulted on, authorised, in force from a day on (3.11, A19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model.register import ProviderId

ChangeId = NewType("ChangeId", UUID)


class ChangeState(StrEnum):
    """Name where a change stands; whether an authorised one is in force yet is a matter of days."""

    CONSULTING = "consulting"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Stance(StrEnum):
    """Name what a provider says to a change."""

    AGREE = "agree"
    OBJECT = "object"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Clause:
    """Name one clause and what it will say."""

    number: str
    words: str

    def __post_init__(self) -> None:
        if not self.number.strip() or not self.words.strip():
            raise ValueError("a clause has a number and says something")


@dataclass(frozen=True, slots=True)
class SpecificationChange:
    """Hold a change of the specification for everybody on the register.

    Providers may answer until the end of `answer_by` in London; it holds from `effective_on` on once authorised.
    """

    id: ChangeId
    title: str
    reason: str
    clauses: tuple[Clause, ...]
    answer_by: date
    effective_on: date
    proposed_by: UUID
    proposed_at: datetime
    state: ChangeState = ChangeState.CONSULTING
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.reason.strip() or not self.clauses:
            raise ValueError("a change has a title, a reason and at least one clause")

    def in_force(self, on: date) -> bool:
        """Say whether the change holds on that day."""
        return self.state is ChangeState.AUTHORISED and self.effective_on <= on


@dataclass(frozen=True, slots=True)
class Answer:
    """Keep what a provider said to a change, and when; a later answer stands beside the earlier ones."""

    id: UUID
    change_id: ChangeId
    provider_id: ProviderId
    stance: Stance
    words: str
    answered_at: datetime
