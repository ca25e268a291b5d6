"""Equality answers: whether some are kept, and the report in aggregates (A45, S28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from brokerage.desk.clock import LONDON
from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.equality import store as equality_store
from brokerage.equality.model import Given, Table
from brokerage.equality.rules import reported_until, suppress
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store


@dataclass(frozen=True, slots=True)
class EqualityForm:
    """What the form says of a referral; nothing of what was answered comes back."""

    referral_id: UUID
    reference: str
    given: Given | None


def equality_form(work: Work, referral_id: UUID) -> EqualityForm:
    """Say whether answers are kept, to who may record them. Raises NoSuchReferral."""
    work.require(Permission.RAISE_REFERRAL)
    found = referral_store.referral(work.db, work.authority, referral_id, editions())
    return EqualityForm(referral_id, found.reference, equality_store.given(work.db, work.authority, referral_id))


def equality_report(work: Work) -> tuple[Table, ...]:
    """Report each question up to the end of last quarter, with small numbers hidden."""
    work.require(Permission.SEE_EQUALITY)
    until = datetime.combine(reported_until(work.today), time(), LONDON)
    counted = equality_store.counts(work.db, work.authority, until)
    return tuple(suppress(question, counts) for question, counts in counted.items())
