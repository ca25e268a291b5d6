"""How the matrix says no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matrix.model import Fault


class MatrixError(Exception):
    """Something about a case or an edition stops the matrix."""


@dataclass(eq=False)
class CaseNotValid(MatrixError):
    """The case cannot be scored: something in it is missing, unknown or of the wrong kind."""

    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


@dataclass(eq=False)
class EditionNotValid(MatrixError):
    """The edition cannot be used: each fault names its file, line and key."""

    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


@dataclass(eq=False)
class NoEditionInForce(MatrixError):
    """No edition of the matrix was in force on that day."""

    on: date

    def __str__(self) -> str:
        return f"no edition of the matrix is in force on {self.on:%d %B %Y}"


@dataclass(eq=False)
class NoSuchEdition(MatrixError):
    """There is no edition with that id."""

    edition: str

    def __str__(self) -> str:
        return f"there is no edition {self.edition!r} of the matrix"
