"""Decide whether somebody has to do with a young person, and may see the record without saying why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from brokerage.desk.sights.model import Relation, Tie
from brokerage.people.model import Role
from brokerage.referrals.model import State

REASON_LASTS: Final = timedelta(hours=8)
"""A working day: who looked in the morning is not asked again in the afternoon (A47)."""

SHARED_AT_MOST: Final = timedelta(days=92)
"""A quarter; a grant that is needed for longer is made again, by somebody who looks at it again (A4, A47)."""

_WRITING: Final = frozenset({State.DRAFT, State.RAISED, State.SEEKING, State.BESPOKE})
WORKS_ON: Final[Mapping[Role, frozenset[State]]] = {
    Role.PLACEMENTS: _WRITING,
    Role.COORDINATOR: _WRITING,
    # Only an approver admits whom the matrix refuses, and that is while it is being written (A1).
    Role.APPROVER: frozenset({State.DRAFT}),
}
PLACES: Final = frozenset({Role.PLACEMENTS, Role.COORDINATOR})


def relation(role: Role, tie: Tie, today: date) -> Relation | None:
    """Say what somebody has to do with a young person; None asks for a reason (A47).

    The auditor has never to do with one, and so always says why.
    """
    if tie.shared_until is not None:
        return Relation.SHARED if today <= tie.shared_until else None
    if tie.raised:
        return Relation.RAISED
    if _works_on(role, tie):
        return Relation.ROLE
    if tie.acted:
        return Relation.ACTED
    return Relation.REASON if tie.reason else None


def _works_on(role: Role, tie: Tie) -> bool:
    if tie.state in WORKS_ON.get(role, frozenset()):
        return True
    if role is Role.APPROVER:
        return tie.to_fund
    return role in PLACES and tie.placed_now
