"""How far a transaction reaches into the database: one council, one firm, or everything, for its own length only.

PostgreSQL itself holds the walls (`brokerage/migrations/walls.py`); here is said who asks, in one statement that ends
with the transaction, so that a pooled connection hands nobody's reach on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from brokerage.people.model import Actor, Role

APP: Final = "brokerage_app"
PROVIDER: Final = "brokerage_provider"
SYSTEM: Final = "brokerage_system"

OPTION: Final = "brokerage_reach"
"""The execution option that carries a `Reach` from whoever begins to the statement that enters it."""

_ENTER: Final = (
    "SELECT set_config('role', %(role)s, true), set_config('app.authority', %(authority)s, true),"
    " set_config('app.provider', %(provider)s, true)"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """A role of the database, and whose rows it means."""

    role: str
    authority: str = ""
    provider: str = ""


NOBODY: Final = Reach(APP)
"""Sees the shared register and no council's row."""

EVERYTHING: Final = Reach(SYSTEM)
"""What the engine does by itself: timers, messages, links, sign-in."""


def reach_of(actor: Actor) -> Reach:
    """Say how far an actor reaches: staff their council, a firm's user their firm, the system everything.

    Where the system acts for one council, it reaches no further than that council's staff.
    """
    if actor.authority is not None:
        return Reach(APP, authority=actor.authority)
    if actor.provider_id is not None:
        return Reach(PROVIDER, provider=str(actor.provider_id))
    # An applicant is no firm of the register yet: the flow holds each to its own application.
    return EVERYTHING if actor.role is Role.SYSTEM or actor.application_id is not None else NOBODY


def enter(db: Connection, reach: Reach) -> None:
    """Set the reach of the transaction that is open, until it ends."""
    db.exec_driver_sql(_ENTER, {"role": reach.role, "authority": reach.authority, "provider": reach.provider})


def watch(engine: Engine) -> None:
    """Enter the reach that a connection carries whenever a transaction begins on it; none carried, nothing is set.

    An engine of `opening.open_engine` carries NOBODY from the start, so that what forgets to say who asks sees no
    council's row. A bare engine keeps its login's own rights: migrations and tests.
    """
    if not event.contains(engine, "begin", _begun):
        event.listen(engine, "begin", _begun)


def _begun(db: Connection) -> None:
    reach = db.get_execution_options().get(OPTION)
    if reach is not None:
        enter(db, reach)


def open_outside(database_url: str) -> Engine:
    """Open an engine for a command of the operator: one connection at a time, with the system's reach."""
    engine = create_engine(database_url, poolclass=NullPool, execution_options={OPTION: EVERYTHING})
    watch(engine)
    return engine
