"""Set an installation up: councils and people, from the command line."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from brokerage.competitions.events import BidsOpened
from brokerage.competitions.model import Opener
from brokerage.competitions.store import authority_of
from brokerage.desk import clock as clocks
from brokerage.desk import flow, store
from brokerage.desk.consequences import TimerKind
from brokerage.desk.consequences.register import WATCH, first_sheet
from brokerage.desk.reach import open_outside
from brokerage.desk.sheet import write
from brokerage.desk.views.nights import sheet_facts
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people import store as people
from brokerage.people.errors import EmailTaken
from brokerage.people.model import Actor, Authority, Person, PersonId, Role
from brokerage.people.rules import digest, new_secret
from lots import store as lots


def add_authority(database_url: str, key: str, name: str, legal_profile: str, office_phone: str) -> None:
    """Add a council and begin its record; the first keeps the register. Stops with words where it is there already.

    Stops too where no such legal profile is known (S24).
    """
    if legal_profile not in lots.profiles():
        raise SystemExit(f"There is no legal profile {legal_profile}. Known: {', '.join(sorted(lots.profiles()))}.")
    engine = open_outside(database_url)
    try:
        with engine.begin() as db:
            keeps = people.keeper(db) is None
            added = Authority(key, name, office_phone=office_phone, keeps_register=keeps, legal_profile=legal_profile)
            people.save_authority(db, added)
            now = clocks.read(clocks.DatabaseClock(), db, None)
            store.begin_chain(db, key, now)
            first = first_sheet(key, now)
            store.set_timers(db, key, [(first.kind.value, first.subject_id, first.due_at)])
            if keeps:  # whoever keeps the register watches its evidence, every day from now on
                store.set_timers(db, key, [(TimerKind.WATCH_EVIDENCE.value, WATCH, now)])
    except IntegrityError:
        raise SystemExit(f"There is an authority {key} already. Nothing was changed.") from None


def open_with(desk: Desk, competition_id: UUID, opener: Opener) -> BidsOpened:
    """Open a competition's offers with a key fetched for it. Raises NoSuchCompetition and as `flow.open_bids`."""
    with desk.begin() as db:
        authority = authority_of(db, competition_id)
    with desk.work(Actor(SYSTEM.role, SYSTEM.name, authority)) as work:
        return flow.open_bids(work, competition_id, opener)


def night_page(database_url: str, authority: str) -> str:
    """Write a council's page of tonight as things stand; nothing is kept. Stops with words for an unknown council."""
    engine = open_outside(database_url)
    with engine.begin() as db:
        council = people.authority(db, authority)
        if council is None:
            raise SystemExit(f"There is no authority {authority}.")
        return write(sheet_facts(db, council, clocks.read(clocks.DatabaseClock(), db, authority)))


def add_person(
    database_url: str,
    name: str,
    role: str,
    email: str,
    authority: str | None,
    provider: str | None,
    weekly_limit: str | None,
) -> str:
    """Add somebody and give the access key, of which only the hash is kept. Stops with words where it cannot be."""
    wanted = Role(role)
    council = not wanted.of_provider and wanted is not Role.OPERATOR
    if wanted.of_provider != (provider is not None) or council != (authority is not None):
        raise SystemExit(
            "A provider's user has --provider and no --authority, the system operator has neither; "
            "everybody else has --authority."
        )
    key = new_secret()
    person = Person(
        PersonId(uuid4()),
        authority,
        name,
        wanted,
        email,
        UUID(provider) if provider else None,
        Decimal(weekly_limit) if weekly_limit else None,
    )
    engine = open_outside(database_url)
    try:
        with engine.begin() as db:
            people.save_person(db, person, digest(key), clocks.read(clocks.DatabaseClock(), db, None))
    except EmailTaken:
        raise SystemExit("Somebody signs in with this e-mail address already. Nothing was changed.") from None
    except IntegrityError:
        raise SystemExit("That authority or provider is not known. Nothing was changed.") from None
    return key
