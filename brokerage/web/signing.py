"""The young person's own page: a week's hours on a phone, one answer, no sign-in (A35).

Whoever has the link may answer once. Nothing on the page says who the young person is. Looking changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow.hours import ShownWeek, answer_by_link, look_at_link
from brokerage.desk.work import SYSTEM
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, look, page
from lots import store as lots
from placements.errors import HoursChanged, LinkOver, NoSuchLink, NothingToSign

Answer = Response[Any]

MOST_WORDS: Final = 1_000


@page("/h/{token:str}")
def show_signing(request: Request[Any, Any, Any], token: FromPath[str]) -> Answer:
    """Show the hours and ask whether they are right."""
    return _show(look(request), token, {}, {})


@form("/h/{token:str}")
def answer_signing(
    request: Request[Any, Any, Any], token: FromPath[str], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Keep the answer; a second tap changes nothing and says thank you as well."""
    asking = look(request)
    if data.get("answer") not in {"yes", "no"}:
        return _show(asking, token, {}, {})
    right = data["answer"] == "yes"
    try:
        reader = Reader()
        words = reader.text(data.get("words"), "/words", "What you write", most=MOST_WORDS)
        reader.done()
        with asking.house.desk.work(SYSTEM) as work:
            answer_by_link(work, token, right, words, str(data.get("shown", "")))
    except NotValid as refusal:
        return _show(asking, token, data, {"words": refusal.faults[0].message})
    except (HoursChanged, NothingToSign):
        return _show(asking, token, data, {"": "The hours have changed. Please look again"})
    except LinkOver as refusal:
        return _thanks(asking, None) if refusal.answered else _over(asking, answered=False)
    except NoSuchLink:
        return _over(asking, answered=False)
    return _thanks(asking, right)


def _show(asking: Visit, token: str, typed: Mapping[str, Any], errors: Mapping[str, str]) -> Answer:
    try:
        with asking.house.desk.work(SYSTEM) as work:
            shown = look_at_link(work, token)
            firm = lots.provider(work.db, shown.provider_id).name
            council = work.council(shown.authority)
    except LinkOver as refusal:
        return _over(asking, answered=refusal.answered)
    except NoSuchLink:
        return _over(asking, answered=False)
    return asking.show_form(
        "pages/signing/show_signing.html",
        typed,
        errors,
        token=token,
        shown=shown,
        days=_days(shown),
        firm=firm,
        council=council,
        most=MOST_WORDS,
    )


def _days(shown: ShownWeek) -> list[tuple[Any, list[Any]]]:
    days: dict[Any, list[Any]] = {}
    for entry in shown.entries:
        days.setdefault(entry.on, []).append(entry)
    return sorted(days.items())


def _thanks(asking: Visit, right: bool | None) -> Answer:
    return asking.show("pages/signing/answer_signing.html", right=right)


def _over(asking: Visit, *, answered: bool) -> Answer:
    return asking.show("pages/signing/over.html", status=410, answered=answered)


LINK_HANDLERS = (show_signing, answer_signing)
