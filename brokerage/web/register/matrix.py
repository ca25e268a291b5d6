"""The matrix in force, and cases that are tried on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from litestar import Request, Response
from litestar.params import URLEncodedBody

from brokerage.desk import views
from brokerage.desk.views import Rate
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import read_day
from brokerage.web.pages import initial_capital
from lots import rules as lot_rules
from lots import store as lots
from lots.model import WeeklyCost
from matrix import rules as matrix
from matrix.errors import CaseNotValid
from matrix.model import Assessment, Case, Edition, LegalStatus, Line, LivingNow, Needed
from matrix.rules.papers import LIVING_WORDS, STATUS_WORDS


@page("/matrix")
def show_matrix(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the edition in force: every question, level and rule."""
    asking = visit(request)
    asking.require(Permission.ASSESS)
    with asking.work() as work:
        edition = work.edition
    described = matrix.describe(edition)
    return asking.show(
        "pages/register/show_matrix.html",
        edition=edition,
        titles={domain.key: domain.title for domain in edition.domains},
        category_rules=described["category_rules"],
        catalogue=lots.catalogue(),
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """A case that was tried: what the matrix makes of it, and what it would cost in the middle of the register."""

    case: Case
    assessment: Assessment
    rate: Rate | None
    cost: WeeklyCost | None
    band: str


@page("/matrix/what-if")
def ask_what_if(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask for a case to try. Nothing of it is kept."""
    asking = visit(request)
    asking.require(Permission.ASSESS)
    with asking.work() as work:
        edition = work.edition
    return _what_if(asking, edition, {}, {}, None, None)


@form("/matrix/what-if")
def try_what_if(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Score the case that was typed, beside the first one tried; writes nothing.

    `before` is the case to compare with, as JSON in the shape of api.md ("A case"); any page may send it along.
    """
    asking = visit(request)
    asking.require(Permission.ASSESS)
    with asking.work() as work:
        edition = work.edition
        try:
            tried = _try(work, _read_case(data, edition, work.today))
        except NotValid as refused:
            errors = {_field(fault.pointer): fault.message for fault in refused.faults}
            return _what_if(asking, edition, data, errors, None, _before(work, data))
        before = None if data.get("restart") else _before(work, data)
    return _what_if(asking, edition, data, {}, tried, before)


def _what_if(
    asking: Visit,
    edition: Edition,
    values: Mapping[str, Any],
    errors: Mapping[str, str],
    tried: Tried | None,
    before: Tried | None,
) -> Response[Any]:
    baseline = before or tried
    return asking.show_form(
        "pages/register/try_what_if.html",
        values,
        errors,
        edition=edition,
        statuses=[(one.value, initial_capital(STATUS_WORDS[one])) for one in LegalStatus],
        homes=[(one.value, initial_capital(LIVING_WORDS[one])) for one in LivingNow],
        tried=tried,
        before=before if tried else None,
        baseline=_written(baseline.case) if baseline else "",
        difference=_difference(before, tried),
        more_a_week=_more(before, tried),
        catalogue=lots.catalogue(),
    )


def _difference(before: Tried | None, tried: Tried | None) -> tuple[Line, ...]:
    return matrix.difference(before.assessment, tried.assessment) if before and tried else ()


def _more(before: Tried | None, tried: Tried | None) -> Decimal | None:
    if before is None or tried is None or before.cost is None or tried.cost is None:
        return None
    return tried.cost.total - before.cost.total


def _try(work: Work, case: Case) -> Tried:
    found = matrix.assess(work.edition, case)
    if found.category is None or found.hours is None:
        return Tried(case, found, None, None, "")
    rate = views.median_rate(work, found.category)
    cost = lot_rules.weekly_cost(rate.price, found.hours, Decimal(0), 1, Decimal(0)) if rate.providers else None
    return Tried(case, found, rate, cost, matrix.band_of(work.edition, found.hours).title)


def _read_case(data: Mapping[str, Any], edition: Edition, today: date) -> Case:
    """Read the form's case as of today. Raises NotValid with every fault."""
    reader = Reader()
    born = read_day(reader, data, "date_of_birth", "The date of birth")
    if born and born > today:
        reader.fault("/date_of_birth", "The date of birth must be in the past")
    status = reader.choice(data.get("status"), "/status", "The legal status", LegalStatus)
    home = reader.choice(data.get("living_now"), "/living_now", "Where the young person lives now", LivingNow)
    needed = reader.choice(data.get("needed"), "/needed", "When the place is needed", Needed)
    learning = reader.flag(
        data.get("in_education_or_training"), "/in_education_or_training", "Whether in education or training"
    )
    benefit = reader.flag(data.get("housing_benefit"), "/housing_benefit", "Whether Housing Benefit is in payment")
    answers = {}
    for domain in edition.domains:
        raw = data.get(f"answer_{domain.key}")
        if raw in {"0", "1", "2", "3", "4"}:
            answers[domain.key] = int(str(raw))
        else:
            reader.fault(f"/answers/{domain.key}", f"Choose a level for {domain.title[:1].lower()}{domain.title[1:]}")
    reader.done()
    assert born  # the reader has no faults
    assert status
    assert home
    assert needed
    return Case(born, today, status, learning, home, needed, benefit, answers)


def _field(pointer: str) -> str:
    """Name the form's field of a fault: /answers/money -> answer_money."""
    return pointer.removeprefix("/").replace("answers/", "answer_")


def _before(work: Work, data: Mapping[str, Any]) -> Tried | None:
    """Read the case to compare with; one that does not fit today's edition is no comparison."""
    raw = data.get("before")
    if not isinstance(raw, str) or not raw:
        return None
    try:
        return _try(work, matrix.read_case(json.loads(raw), work.edition))
    except (ValueError, RecursionError, CaseNotValid):
        return None


def _written(case: Case) -> str:
    return json.dumps(
        {
            "date_of_birth": case.date_of_birth.isoformat(),
            "on": case.on.isoformat(),
            "status": case.status.value,
            "in_education_or_training": case.in_education_or_training,
            "living_now": case.living_now.value,
            "needed": case.needed.value,
            "housing_benefit": case.housing_benefit,
            "answers": dict(case.answers),
        }
    )


HANDLERS = (show_matrix, ask_what_if, try_what_if)
