"""A draft: its task list, one page a section, and an approver's exception."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk import drafts, flow
from brokerage.desk.drafts import DraftView
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid, Reader
from brokerage.referrals.errors import NotEligible, NotNow
from brokerage.referrals.rules.reading import SECTIONS
from brokerage.web.auth import form, page, visit
from brokerage.web.dates import text
from brokerage.web.referrals import typed
from brokerage.web.referrals.words import book, say_fault
from matrix.model import Edition
from matrix.rules.eligibility import NOT_IN_EDUCATION, OVER_24, UNDER_16

AGE_ALONE: Final = frozenset({UNDER_16.rule, OVER_24.rule})
SLUGS: Final[Mapping[str, str]] = {words[1]: section for section, words in book()["section"].items()}
REASON_LEAST: Final = 10
REASON_MOST: Final = 2000


@form("/referrals")
def start_referral(request: Request[Any, Any, Any]) -> Response[Any]:
    """Begin a draft and go to its task list."""
    asking = visit(request)
    with asking.work() as work:
        event = flow.start_referral(work)
    return asking.go(f"/referrals/{event.referral_id}/tasks")


@page("/referrals/{referral_id:uuid}/tasks")
def show_tasks(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show what is done and what is left. A raised referral has a page of its own."""
    asking = visit(request)
    try:
        with asking.work() as work:
            view = drafts.draft(work, referral_id)
            ready = drafts.ready(work, view)
    except NotNow:
        return asking.go(f"/referrals/{referral_id}")
    return asking.show(
        "pages/referrals/tasks.html",
        view=view,
        person=typed.values_of("young_person", view.draft.document),
        ready=ready,
        statuses={section: _status(view, section) for section in SECTIONS},
        done=sum(_status(view, section) == "completed" for section in SECTIONS),
        words=book(),
        never=view.refusal is UNDER_16,
        may_write=may(asking.actor, Permission.RAISE_REFERRAL),
        may_admit=may(asking.actor, Permission.ADMIT_EXCEPTION),
    )


@page("/referrals/{referral_id:uuid}/{slug:str}")
def show_section(request: Request[Any, Any, Any], referral_id: FromPath[UUID], slug: FromPath[str]) -> Response[Any]:
    """Show one section as it was left."""
    asking, section = visit(request), _section(slug)
    asking.require(Permission.RAISE_REFERRAL)
    try:
        with asking.work() as work:
            view, edition = drafts.draft(work, referral_id), work.edition
    except NotNow:
        return asking.go(f"/referrals/{referral_id}")
    return _section_page(request, section, view, edition, {})


@form("/referrals/{referral_id:uuid}/{slug:str}")
def save_section(
    request: Request[Any, Any, Any],
    referral_id: FromPath[UUID],
    slug: FromPath[str],
    data: URLEncodedBody[dict[str, Any]],
) -> Response[Any]:
    """Keep one section: checked when it is to be complete, as typed when it is left for later."""
    asking, section = visit(request), _section(slug)
    wish = text(data, "go")
    with asking.work() as work:
        edition = work.edition
        part = typed.document_of(section, data, edition)
        view = drafts.tried(work, referral_id, section, part)
        errors = {} if wish in ("later", "add") else _errors(view, section, edition)
        if wish != "add" and not errors:
            flow.save_section(work, referral_id, section, part)
    if wish == "add":
        return _section_page(request, section, view, edition, {}, more=1)
    if errors:
        return _section_page(request, section, view, edition, errors)
    title = book()["section"][section][0]
    if wish == "later":
        return asking.go(f"/referrals/{referral_id}/tasks", f"{title} is kept as you left it. Come back at any time")
    if section == "matrix":
        return asking.go(f"/referrals/{referral_id}/result")
    return asking.go(f"/referrals/{referral_id}/tasks", f"{title} is saved")


@page("/referrals/{referral_id:uuid}/result")
def show_result(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show how the hours and the category were worked out."""
    asking = visit(request)
    try:
        with asking.work() as work:
            view = drafts.draft(work, referral_id)
            result, ready = drafts.result(work, view), drafts.ready(work, view)
    except NotNow:
        return asking.go(f"/referrals/{referral_id}")
    if result is None:
        return asking.go(f"/referrals/{referral_id}/matrix")
    override = view.draft.document.get("override") or {}
    return asking.show(
        "pages/referrals/result.html", view=view, result=result, ready=ready, override=override, words=book()
    )


@page("/referrals/{referral_id:uuid}/profile")
def show_profile(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show what providers will see, with every replacement, for a person to check (S7)."""
    asking = visit(request)
    with asking.work() as work:
        if drafts.state(work, referral_id) == "draft":
            view = drafts.draft(work, referral_id)
            reference, ready, is_draft = view.draft.reference, drafts.ready(work, view), True
        else:
            ready, is_draft = drafts.raised(work, referral_id), False
            reference = ready.referral.reference if ready.referral else ""
    if ready is None:
        return asking.go(f"/referrals/{referral_id}/tasks")
    return asking.show(
        "pages/referrals/profile.html",
        referral_id=referral_id,
        reference=reference,
        ready=ready,
        is_draft=is_draft,
        words=book(),
        texts=[
            (_title(field, ready.new.outcomes), _pieces(_raw(field, ready.new), found), found)
            for field, found in ready.redactions.items()
        ],
    )


@page("/referrals/{referral_id:uuid}/exception")
def show_exception(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Ask an approver to admit somebody whom a rule refuses (A1)."""
    return _exception_page(request, referral_id, {}, {})


@form("/referrals/{referral_id:uuid}/exception")
def admit_exception(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Admit an exception with a reason; nobody under 16, ever (S5)."""
    asking = visit(request)
    asking.require(Permission.ADMIT_EXCEPTION)
    reader = Reader()
    reason = reader.text(
        text(data, "reason"), "/reason", "The reason for the exception", least=REASON_LEAST, most=REASON_MOST
    )
    try:
        reader.done()
    except NotValid as refused:
        return _exception_page(request, referral_id, data, {"reason": refused.faults[0].message})
    with asking.work() as work:
        refusal = drafts.draft(work, referral_id).refusal
        if refusal is UNDER_16:
            raise NotEligible(refusal.rule, (refusal.text, refusal.next_step))
        if refusal is not None:
            flow.admit_exception(work, referral_id, refusal.rule, reason)
    return asking.go(
        f"/referrals/{referral_id}/tasks",
        "The exception is admitted and recorded with your reason" if refusal else "No exception was needed",
    )


def _exception_page(
    request: Request[Any, Any, Any], referral_id: UUID, data: Mapping[str, Any], errors: Mapping[str, str]
) -> Response[Any]:
    asking = visit(request)
    asking.require(Permission.ADMIT_EXCEPTION)
    try:
        with asking.work() as work:
            view = drafts.draft(work, referral_id)
    except NotNow:
        return asking.go(f"/referrals/{referral_id}")
    return asking.show_form(
        "pages/referrals/exception.html",
        data,
        errors,
        view=view,
        never=view.refusal is UNDER_16,
        facts=typed.values_of("status", view.draft.document),
        words=book(),
    )


def _section(slug: str) -> str:
    if slug not in SLUGS:
        raise NotFoundException
    return SLUGS[slug]


def _section_page(
    request: Request[Any, Any, Any],
    section: str,
    view: DraftView,
    edition: Edition,
    errors: Mapping[str, str],
    more: int = 0,
) -> Response[Any]:
    document = view.draft.document
    shown = view.refusal if view.refusal and (section == "status" or view.refusal.rule in AGE_ALONE) else None
    return visit(request).show_form(
        f"pages/referrals/{section}.html",
        typed.values_of(section, document),
        errors,
        view=view,
        edition=edition,
        rows=typed.rows_of(section, document, more),
        refusal=shown if section in ("young_person", "status") else None,
        never=view.refusal is UNDER_16,
        in_care=drafts.time_in_care(view),
        words=book(),
    )


def _errors(view: DraftView, section: str, edition: Edition) -> dict[str, str]:
    """Give what keeps a section from being complete, by the box it is about."""
    document = view.draft.document
    errors: dict[str, str] = {}
    asked = [one.key for one in edition.domains] + [one.key for one in edition.facts]
    for fault in sorted(view.faults[section], key=lambda fault: typed.place_of(fault.pointer, asked)):
        errors.setdefault(typed.field_of(fault.pointer), say_fault(fault, document, edition))
    refusal = view.refusal
    if refusal is None:
        return errors
    words = f"{refusal.text} {refusal.next_step}"
    if section == "young_person" and refusal.rule in AGE_ALONE:
        errors.setdefault("date_of_birth", words)
    elif section == "status" and not errors:
        errors["in_education_or_training" if refusal is NOT_IN_EDUCATION else "status"] = words
    return errors


def _status(view: DraftView, section: str) -> str:
    """Say how far a section is: what is typed and wrong is a problem, what is only missing is in progress."""
    refusal = view.refusal
    if refusal and section in view.begun:
        if section == "young_person" and refusal.rule in AGE_ALONE:
            return "problem"
        if section == "status":
            return "problem"
    if section not in view.begun:
        return "not_started"
    faults = view.faults[section]
    if any(typed.value_at(view.draft.document, one.pointer) not in (None, "", [], {}) for one in faults):
        return "problem"
    return "in_progress" if faults else "completed"


def _raw(field: str, new: Any) -> str:
    if field.startswith("outcomes/"):
        return str(next(one.text for one in new.outcomes if f"outcomes/{one.key}" == field))
    return str(getattr(new, field))


def _title(field: str, outcomes: tuple[Any, ...]) -> str:
    if field.startswith("outcomes/"):
        keys = [f"outcomes/{one.key}" for one in outcomes]
        return f"Outcome {keys.index(field) + 1}"
    return {"pathway_plan": "Pathway plan", "risk_plan": "Plan to manage risk"}[field]


def _pieces(text: str, found: Any) -> list[tuple[str, Any]]:
    """Cut a text at its replacements: (words that stay, None) and ("", the replacement), in order."""
    pieces: list[tuple[str, Any]] = []
    place = 0
    for one in found.replacements:
        pieces += [(text[place : one.start], None), ("", one)]
        place = one.end
    return [*pieces, (text[place:], None)]


HANDLERS = (
    start_referral,
    show_tasks,
    show_section,
    save_section,
    show_result,
    show_profile,
    show_exception,
    admit_exception,
)
