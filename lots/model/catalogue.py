"""Name what is bought: two lots, six categories (DPS spec 3.2.4, A12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CategoryCode(StrEnum):
    """Name the six categories of the two lots (A12)."""

    EMERGENCY = "1.1"
    TRANSITION = "1.2"
    INDEPENDENCE = "1.3"
    SHORT_STAY = "2.1"
    SHORT_TERM = "2.2"
    ACCOMMODATION_ONLY = "2.3"

    @property
    def lot(self) -> str:
        """Give the lot that the category belongs to, "1" or "2"."""
        return self.value[0]


class Wants(StrEnum):
    """Name what a referral buys; the two can be bought apart (A23)."""

    ACCOMMODATION = "accommodation"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Lot:
    """Describe one of the two lots (A12)."""

    code: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Category:
    """Describe one category and what binds a stay in it (A12, S19).

    Nights, months and age are limits of the stay, both ends included; `None` is no limit.
    """

    code: CategoryCode
    title: str
    summary: str
    same_day: bool
    min_nights: int | None
    max_nights: int | None
    min_months: int | None
    max_months: int | None
    ends_by_age: int | None
    support_hours: bool
    emergency: bool
    counts_housing_benefit: bool

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.summary.strip():
            raise ValueError(f"category {self.code}: title and summary must say something")
        for unit, least, most in (
            ("nights", self.min_nights, self.max_nights),
            ("months", self.min_months, self.max_months),
        ):
            if (least is not None and least < 1) or (most is not None and most < 1):
                raise ValueError(f"category {self.code}: {unit} must be 1 or more")
            if least is not None and most is not None and least > most:
                raise ValueError(f"category {self.code}: least {unit} {least} is more than most {unit} {most}")
        if self.max_nights is not None and self.max_months is not None:
            raise ValueError(f"category {self.code}: is counted in nights or in months, not in both")
        if self.ends_by_age not in (None, 18):
            raise ValueError(f"category {self.code}: a stay can be made to end by 18, not by {self.ends_by_age} (S19)")

    @property
    def lot(self) -> str:
        """Give the lot, "1" or "2"."""
        return self.code.lot
