"""Check the answers and publish: from a draft, or from a referral that stands raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.events import CompetitionOpened
from brokerage.competitions.model import Weights
from brokerage.competitions.rules.reading import read_weights
from brokerage.desk import drafts, flow
from brokerage.desk.drafts import Ready
from brokerage.desk.flow.competitions import open_parts
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import NotValid
from brokerage.referrals.errors import NotNow
from brokerage.referrals.model import State
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import text
from brokerage.web.referrals import typed
from brokerage.web.referrals.words import book, named

WEIGHTS: Final[Mapping[str, str]] = {"weight_price": "40", "weight_quality": "50", "weight_social_value": "10"}
"""S12's default."""

FILLED: Final[Mapping[str, str]] = {**WEIGHTS, "parts": "one"}
"""What the form says before anybody typed: both from one provider (A23)."""

PUBLISHED: Final = "Published: every provider was invited at this instant"

READ_FIRST: Final = "Read what providers will see, and tick that it does not identify the young person"


@page("/referrals/{referral_id:uuid}/check")
def show_check(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show every answer, who will be invited, and until when."""
    asking = visit(request)
    asking.require(Permission.RAISE_REFERRAL)
    try:
        with asking.work() as work:
            view = drafts.draft(work, referral_id)
            ready = drafts.ready(work, view)
    except NotNow:
        return asking.go(f"/referrals/{referral_id}")
    if ready is None:
        return asking.go(f"/referrals/{referral_id}/tasks")
    return _page(asking, "pages/referrals/check.html", ready, FILLED, {}, view=view)


@form("/referrals/{referral_id:uuid}/check")
def publish_draft(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Raise a draft and invite its providers, both or neither; a bespoke package is raised only."""
    asking = visit(request)
    asking.require(Permission.RAISE_REFERRAL)
    with asking.work() as work:
        view = drafts.draft(work, referral_id)
        ready = drafts.ready(work, view)
        if ready is None:
            return asking.go(f"/referrals/{referral_id}/tasks")
        weights, errors = (Weights(), {}) if ready.bespoke else _choice(data)
        if not errors:
            flow.raise_draft(work, referral_id)
            opened = () if ready.bespoke else _open(work, referral_id, weights, data)
    if errors:
        return _page(asking, "pages/referrals/check.html", ready, data, errors, view=view)
    if not opened:
        return asking.go(f"/referrals/{referral_id}", "The referral is raised as a bespoke package")
    return _opened(asking, opened)


@page("/referrals/{referral_id:uuid}/publish")
def show_publish(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show who will be invited to a referral that stands raised or bespoke, by the API or after one without offers."""
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    with asking.work() as work:
        if drafts.state(work, referral_id) not in {State.RAISED, State.BESPOKE}:
            return asking.go(f"/referrals/{referral_id}")
        ready = drafts.raised(work, referral_id)
    return _page(asking, "pages/referrals/publish.html", ready, FILLED, {})


@form("/referrals/{referral_id:uuid}/publish")
def publish_raised(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Invite the providers of a raised or bespoke referral."""
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    weights, errors = _choice(data)
    with asking.work() as work:
        ready = drafts.raised(work, referral_id)
        opened = () if errors else _open(work, referral_id, weights, data)
    if not opened:
        return _page(asking, "pages/referrals/publish.html", ready, data, errors)
    return _opened(asking, opened)


def _open(work: Work, referral_id: UUID, weights: Weights, data: Mapping[str, Any]) -> tuple[CompetitionOpened, ...]:
    """Publish as one, or in two parts where that was chosen (A23)."""
    if text(data, "parts") == "two":
        return open_parts(work, referral_id, weights)
    return (flow.open_competition(work, referral_id, weights),)


def _opened(asking: Visit, opened: tuple[CompetitionOpened, ...]) -> Response[Any]:
    """Go to what was published: the competition, or the two that are listed with their referral."""
    first = opened[0]
    if len(opened) == 1:
        return asking.go(f"/competitions/{first.competition_id}", PUBLISHED)
    return asking.go(f"/referrals/{first.referral_id}/competition", f"{PUBLISHED}, for accommodation and for support")


def _choice(data: Mapping[str, Any]) -> tuple[Weights, dict[str, str]]:
    """Read the weights and the tick; give what is wrong by box."""
    errors, weights = {}, Weights()
    try:
        weights = read_weights({name.removeprefix("weight_"): text(data, name) for name in WEIGHTS})
    except NotValid as refused:
        errors = {typed.field_of(fault.pointer): fault.message for fault in refused.faults}
    if text(data, "read") != "yes":
        errors["read"] = READ_FIRST
    return weights, errors


def _page(
    asking: Visit, template: str, ready: Ready, values: Mapping[str, Any], errors: Mapping[str, str], **context: Any
) -> Response[Any]:
    return asking.show_form(
        template,
        values,
        errors,
        ready=ready,
        words=book(),
        named={choice: named(choice) for choice in book()["choices"]},
        **context,
    )


HANDLERS = (show_check, publish_draft, show_publish, publish_raised)
