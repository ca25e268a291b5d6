"""How placements end, for other systems (A34)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.desk.flow import ends as flow
from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.proposals import EndKind, read_termination
from brokerage.desk.work import Work
from brokerage.web.api.calls import once, write
from brokerage.web.api.shapes import Strict


class TerminationBody(Strict):
    """An end: by notice, early (at once, for a reason that needs none) or planned; the reason says whose wish it is."""

    reason: str | None = None
    kind: str | None = None
    by: str | None = None
    served_on: str | None = None
    options_explored: list[str] | str | None = None
    ends_on: str | None = None
    expected: bool | None = None
    move_on: str | None = None


@write("/agreements/{agreement_id:uuid}/termination", status_code=200)
def end_agreement(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: JSONBody[TerminationBody]
) -> Response[str]:
    """Give notice, or record an end that needs none; payments, reviews and the bed follow the last day."""

    def deed(work: Work) -> tuple[int, Any]:
        asked = read_termination(data.document(), work.today)
        if asked.kind is EndKind.NOTICE:
            assert asked.served_on is not None  # the reading asks for it
            given = flow.give_notice(work, agreement_id, asked.reason, asked.served_on, asked.options, asked.expected)
            said = {"by": given.by, "national_code": given.national, "expected": given.expected}
            last_day = given.last_on
        else:
            ended = flow.end_agreement(work, agreement_id, asked.reason, asked.ends_on, asked.move_on, asked.expected)
            said = {"by": ended.by, "national_code": ended.national, "expected": ended.expected}
            said |= {"move_on": ended.move_on}
            last_day = ended.ended_on
        state = agreement_of(work, agreement_id).state
        return 200, {"id": agreement_id, "state": state, "last_day": last_day, "reason": asked.reason, **said}

    return once(request, deed)


HANDLERS = (end_agreement,)
