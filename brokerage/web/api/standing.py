"""Standing on the register, for other systems (A15, S4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery, JSONBody

from brokerage.desk.flow import standing as flow
from brokerage.desk.views import standing as views
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit
from brokerage.web.register.typed import read_choice, read_suspension, reason_of
from lots import store as lots
from lots.errors import NoSuchEntry
from lots.model import RegistrationId


class SuspensionBody(Strict):
    starts_on: str
    reason: str
    ends_on: str | None = None


class ReasonBody(Strict):
    reason: str


class PlacementBody(Strict):
    choice: str
    reason: str


@write("/registrations/{registration_id:uuid}/suspension", status_code=201)
def suspend_provider(
    request: Request[Any, Any, Any], registration_id: FromPath[UUID], data: JSONBody[SuspensionBody]
) -> Response[str]:
    """Suspend a provider, named by one of its registrations; its standing is one for all of them."""
    visit(request).require(Permission.CHANGE_STANDING)

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.suspend_provider(
            work, _provider(work, registration_id), read_suspension(data.document(), work.today)
        )
        return 201, {
            "id": event.suspension_id,
            "provider_id": event.provider_id,
            "starts_on": event.starts_on,
            "ends_on": event.ends_on,
            "reason": event.reason,
        }

    return once(request, deed)


@write("/registrations/{registration_id:uuid}/suspension/{suspension_id:uuid}/lift", status_code=200)
def lift_suspension(
    request: Request[Any, Any, Any],
    registration_id: FromPath[UUID],
    suspension_id: FromPath[UUID],
    data: JSONBody[ReasonBody],
) -> Response[str]:
    """End a suspension early."""
    visit(request).require(Permission.CHANGE_STANDING)

    def deed(work: Work) -> tuple[int, Any]:
        found = _provider(work, registration_id)
        event = flow.lift_suspension(work, found, suspension_id, reason_of(data.reason))
        return 200, {"id": event.suspension_id, "provider_id": event.provider_id, "lifted_on": event.lifted_on}

    return once(request, deed)


@read("/competitions/{competition_id:uuid}/why")
def show_why(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], provider: FromQuery[UUID]
) -> Response[str]:
    """Say why a provider was or was not invited: at publication, and as it would be today."""
    with visit(request).work() as work:
        view = views.why(work, competition_id, provider)
    then = view.excluded
    return reply(
        {
            "provider_id": provider,
            "provider": view.provider.name if view.provider else None,
            "at_publication": {
                "invited": view.invitation is not None,
                "rule": then.rule if then else None,
                "reason": then.reason if then else None,
            },
            "today": {
                "invited": view.now is None,
                "rule": view.now.rule if view.now else None,
                "reason": view.now.reason if view.now else None,
            },
        }
    )


@write("/agreements/{agreement_id:uuid}/standing", status_code=201)
def decide_placement(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: JSONBody[PlacementBody]
) -> Response[str]:
    """Record whether a placement stays, moves or ends after its provider lost its standing."""
    visit(request).require(Permission.END_AGREEMENT)

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.decide_placement(work, agreement_id, *read_choice(data.document()))
        return 201, {"agreement_id": event.agreement_id, "choice": event.choice, "cause_id": event.cause_id}

    return once(request, deed)


def _provider(work: Work, registration_id: UUID) -> UUID:
    """Find whose registration it is. Raises NoSuchEntry."""
    found = lots.provider_of_registration(work.db, RegistrationId(registration_id))
    if found is None:
        raise NoSuchEntry("registration", registration_id)
    return found


HANDLERS = (suspend_provider, lift_suspension, show_why, decide_placement)
