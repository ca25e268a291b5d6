"""What anybody may read: accessibility, privacy, help, and what each kind of problem means."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from brokerage.people import store as people
from brokerage.web.auth import look, page
from brokerage.web.problems import KINDS, word_book

_STATUS: Final = {kind.slug: kind.status for kind in KINDS.values()} | {
    "no-such-page": 404,
    "no-such-method": 405,
    "busy": 503,
    "fault": 500,
}


@page("/accessibility")
def show_accessibility(request: Request[Any, Any, Any]) -> Response[Any]:
    """State how accessible the service is, and what is known to be missing."""
    return look(request).show("pages/about/show_accessibility.html")


@page("/privacy")
def show_privacy(request: Request[Any, Any, Any]) -> Response[Any]:
    """State what is held about whom, and who sees it."""
    return look(request).show("pages/about/show_privacy.html")


@page("/help")
def show_help(request: Request[Any, Any, Any]) -> Response[Any]:
    """Say how to get on, and whom to ring."""
    asking = look(request)
    with asking.house.desk.begin() as db:
        councils = people.authorities(db)
    return asking.show("pages/about/show_help.html", councils=councils)


@page("/problems/{slug:str}")
def show_problem(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
    """Explain one kind of problem, for whoever follows the `type` of a problem+json.

    Sentences that need the facts of one refusal are left out: there are none here.
    """
    words = word_book().get(slug)
    if words is None:
        raise NotFoundException
    return look(request).show(
        "pages/about/show_problem.html",
        slug=slug,
        status_code=_STATUS.get(slug),
        title=words["title"] if _general(words["title"]) else slug.replace("-", " ").capitalize(),
        happened=words["happened"] if _general(words["happened"]) else "",
        meaning=words["meaning"] if _general(words["meaning"]) else "",
        next_steps=[step for step in words["next"] if _general(step)],
    )


def _general(text: str) -> bool:
    """Say whether a sentence holds without the facts of one refusal."""
    return "{{" not in text and "{%" not in text


HANDLERS = (show_accessibility, show_privacy, show_help, show_problem)
