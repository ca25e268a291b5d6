"""Four authorities, twelve providers and the personas of the demo. All made up; the numbers reach nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import Connection

from brokerage.desk import store as desk_store
from brokerage.desk.work import Work
from brokerage.people import store as people
from brokerage.people.model import Authority, Person, PersonId, Role
from brokerage.people.rules import digest
from brokerage.web.auth import Persona
from lots.model import CategoryCode, Provider, ProviderId, Registration, RegistrationId, Suspension
from lots.service import admit_provider, suspend_provider

_SPACE: Final = UUID("7d3f3d5a-0f0f-4e7b-9a55-1d2c3b4a5968")

AUTHORITIES: Final = (
    Authority("derby-city", "Derby City Council", office_phone="01632 960101", keeps_register=True),
    Authority("derbyshire", "Derbyshire County Council", office_phone="01632 960102"),
    Authority("nottinghamshire", "Nottinghamshire County Council", office_phone="01632 960103"),
    Authority("nottingham-city", "Nottingham City Council", office_phone="01632 960104"),
)


@dataclass(frozen=True, slots=True)
class _Firm:
    key: str
    name: str
    mobile: str
    urn: str | None
    ofsted: frozenset[int]
    prices: tuple[tuple[CategoryCode, str | None, str | None], ...]
    discount: str = "5"


def provider_id(key: str) -> ProviderId:
    return ProviderId(uuid5(_SPACE, f"provider:{key}"))


def person_id(key: str) -> PersonId:
    return PersonId(uuid5(_SPACE, f"person:{key}"))


_E, _T, _I = CategoryCode.EMERGENCY, CategoryCode.TRANSITION, CategoryCode.INDEPENDENCE
_S, _H, _A = CategoryCode.SHORT_STAY, CategoryCode.SHORT_TERM, CategoryCode.ACCOMMODATION_ONLY
_ALL: Final = frozenset({1, 2, 3})

FIRMS: Final = (
    _Firm(
        "amberside",
        "Amberside Homes",
        "+447700900101",
        "SC900101",
        _ALL,
        (
            (_E, "640.00", "24.50"),
            (_T, "410.00", "23.50"),
            (_I, "365.00", "22.75"),
            (_S, "560.00", "24.00"),
            (_H, "385.00", "23.00"),
            (_A, "240.00", None),
        ),
    ),
    _Firm(
        "brightwater",
        "Brightwater Living",
        "+447700900102",
        "SC900102",
        _ALL,
        (
            (_E, "655.00", "25.00"),
            (_T, "425.00", "24.00"),
            (_I, "355.00", "22.50"),
            (_S, "575.00", "24.50"),
            (_H, "395.00", "23.50"),
        ),
    ),
    _Firm(
        "copperfield",
        "Copperfield Support",
        "+447700900103",
        "SC900103",
        frozenset({2, 3}),
        ((_T, "398.00", "22.90"), (_I, "349.00", "21.95"), (_H, "372.00", "22.40"), (_A, "228.00", None)),
    ),
    _Firm(
        "dovecote",
        "Dovecote Young People's Trust",
        "+447700900104",
        "SC900104",
        _ALL,
        (
            (_E, "610.00", "23.75"),
            (_T, "405.00", "23.10"),
            (_S, "548.00", "23.60"),
            (_H, "380.00", "22.80"),
            (_A, "232.00", None),
        ),
        "8",
    ),
    _Firm(
        "elmbridge",
        "Elmbridge Pathways",
        "+447700900105",
        "SC900105",
        frozenset({1, 4}),
        ((_T, "440.00", "24.80"), (_I, "372.00", "23.20")),
    ),
    _Firm(
        "fernhill",
        "Fernhill Housing",
        "+447700900106",
        "SC900106",
        _ALL,
        ((_E, "670.00", "25.50"), (_S, "590.00", "25.00"), (_A, "236.00", None)),
        "10",
    ),
    _Firm(
        "goldcrest",
        "Goldcrest Independence",
        "+447700900107",
        "SC900107",
        frozenset({2}),
        ((_T, "415.00", "23.40"), (_I, "340.00", "21.50"), (_H, "378.00", "22.60")),
    ),
    _Firm(
        "hawthorn",
        "Hawthorn House",
        "+447700900108",
        None,
        frozenset(),
        ((_I, "330.00", "21.00"), (_T, "390.00", "22.00")),
    ),
    _Firm(
        "ivybank",
        "Ivybank Supported Living",
        "+447700900109",
        "SC900109",
        _ALL,
        ((_E, "625.00", "24.20"), (_T, "420.00", "23.80"), (_I, "358.00", "22.30"), (_H, "388.00", "23.20")),
    ),
    _Firm("junction", "Junction Floating Support", "+447700900110", "SC900110", frozenset({4}), ((_I, None, "20.90"),)),
    _Firm(
        "kingfisher",
        "Kingfisher Lodgings",
        "+447700900111",
        "SC900111",
        frozenset({4}),
        ((_T, "395.00", "22.70"), (_S, "540.00", "23.40"), (_H, "370.00", "22.20"), (_A, "225.00", None)),
    ),
    _Firm(
        "larkrise",
        "Larkrise Care Leavers",
        "+447700900112",
        "SC900112",
        _ALL,
        ((_E, "648.00", "24.90"), (_T, "418.00", "23.60"), (_I, "352.00", "22.10"), (_A, "230.00", None)),
    ),
)

_STAFF: Final = (
    ("placements", "Priya Placements", Role.PLACEMENTS, "derby-city", None),
    ("coordinator", "Colin Coordinator", Role.COORDINATOR, "derby-city", None),
    ("approver", "Anita Approver", Role.APPROVER, "derby-city", "1500.00"),
    ("approver_2", "Abel Approver", Role.APPROVER, "derby-city", "5000.00"),
    ("auditor", "Audrey Auditor", Role.AUDITOR, "derby-city", None),
    ("commissioner", "Cora Commissioner", Role.COMMISSIONER, "derby-city", None),
    ("quality", "Quentin Quality", Role.QUALITY, "derby-city", None),
    ("dps_admin", "Dora Dynamic", Role.DPS_ADMIN, "derby-city", None),
    ("careline", "Carla Careline", Role.CARELINE, "derby-city", None),
    ("authority_admin", "Ade Administrator", Role.AUTHORITY_ADMIN, "derby-city", None),
    ("placements_county", "Pavel Placements", Role.PLACEMENTS, "derbyshire", None),
    ("coordinator_county", "Carys Coordinator", Role.COORDINATOR, "derbyshire", None),
)
_USERS: Final = (
    ("provider_a", "Ada at Amberside", Role.PROVIDER, "amberside"),
    ("provider_b", "Ben at Brightwater", Role.PROVIDER, "brightwater"),
    ("provider_admin", "Amir at Amberside", Role.PROVIDER_ADMIN, "amberside"),
)


def personas() -> tuple[Persona, ...]:
    """Give the personas with their access keys, which are fixed so that a script can be written against them."""
    staff = [
        Persona(
            key,
            Person(
                person_id(key), authority, name, role, f"{key}@council.example", None, Decimal(limit) if limit else None
            ),
            f"demo-{key.replace('_', '-')}",
        )
        for key, name, role, authority, limit in _STAFF
    ]
    users = [
        Persona(
            key,
            Person(person_id(key), None, name, role, f"{key}@provider.example", provider_id(firm)),
            f"demo-{key.replace('_', '-')}",
        )
        for key, name, role, firm in _USERS
    ]
    operator = Person(person_id("operator"), None, "Olga Operator", Role.OPERATOR, "operator@system.example")
    return (*staff, *users, Persona("operator", operator, "demo-operator"))


def settle(work: Work, since: date) -> None:
    """Write authorities, register and people into an empty database."""
    for authority in AUTHORITIES:
        people.save_authority(work.db, authority)
        desk_store.begin_chain(work.db, authority.key, work.now)
    for firm in FIRMS:
        _admit(work.db, firm, since, work)
    for persona in personas():
        people.save_person(work.db, persona.person, digest(persona.token))
    suspension = Suspension(since, None, "Quality visit found fire doors wedged open; lifted when they are put right")
    suspend_provider(work.db, provider_id("larkrise"), suspension, work.now)


def _admit(db: Connection, firm: _Firm, since: date, work: Work) -> None:
    made = provider_id(firm.key)
    provider = Provider(
        made,
        firm.name,
        f"{firm.key}@provider.example",
        firm.mobile,
        firm.mobile.replace("+447700900", "01632 960"),
        firm.mobile,
        firm.urn,
        firm.ofsted,
    )
    registrations = [
        Registration(
            RegistrationId(uuid5(_SPACE, f"registration:{firm.key}:{category}")),
            made,
            category,
            Decimal(accommodation) if accommodation else None,
            Decimal(support) if support else None,
            Decimal(firm.discount),
            since,
            None,
        )
        for category, accommodation, support in firm.prices
    ]
    admit_provider(db, provider, tuple(registrations), work.now)
