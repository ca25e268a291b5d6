"""Who gets in where: every route x everybody x the ids of their own, of somebody else and of nobody (A4, A47).

The routes come from the running application, the personas from the demo's register, the ids from a story of two
councils. What is expected follows from the permission that a route stands for and from whose the id is, never from what
the code answers. A cell leaks when somebody is answered who should not be, or when a young person's name reaches
whoever may not read it; it is wrong when the refusal is not the right one: 401 (or the way to sign in) for nobody, 403
without the permission, 404 for what is another's, the same as for what does not exist.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from sqlalchemy import create_engine

from brokerage import migrations
from brokerage.config import Mode, Settings
from brokerage.demo.postgres import Cluster
from brokerage.demo.register import person_id, personas, provider_id, settle
from brokerage.desk import flow
from brokerage.desk.clock import StoppedClock
from brokerage.desk.flow.shares import share_referral
from brokerage.desk.work import SYSTEM, Desk
from brokerage.opening import LIMITS
from brokerage.people import store as people
from brokerage.people.model import Actor, Permission, Person, PersonId, Role
from brokerage.people.rules import GRANTS, csrf_token
from brokerage.web.app import create_app
from brokerage.web.auth import sign_in
from brokerage.web.pages import templates_dir
from notifications.wording import load
from tests.folders import a_folder
from tests.keys import RECIPIENTS
from tests.proof.doors import NEEDS, OPEN, SIGNED_IN, Need
from tests.proof.figures import Figure
from tests.web.road import NAMED, NOW, Road, a_referral

NAMES: Final[tuple[str, ...]] = ("cells", "cell_leaks", "cells_wrong")

LEAST: Final = 2_000
QUICK_EVERY: Final = 16
QUICK_LEAST: Final = 800
FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
THEIRS: Final[Mapping[str, Any]] = {
    **NAMED,
    "given_name": "Ottoline",
    "family_name": "Marrowbone",
    "known_as": "Otto",
    "relatives": ["Agatha Marrowbone"],
}
SECRETS: Final[Mapping[str, tuple[str, ...]]] = {
    "derby-city": ("Quillfeather", "Zebbo"),
    "derbyshire": ("Marrowbone", "Ottoline"),
}
"""Names that nobody but the council's own staff may read, by council."""

LEFT: Final = frozenset(
    {
        ("POST", "/sign-out"),
        ("POST", "/sign-in"),
        ("POST", "/offers/{invitation_id}/resume"),
        ("GET", "/readyz"),
    }
)
"""Where a cell would end its own session, whose road tests/web/test_bids_pages.py goes, or that tells of no worker."""

BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "/api/assessments": {},
    "/api/referrals": a_referral(),
    "/api/referrals/{referral_id}/withdrawal": {"reason": "Not needed any more"},
    "/api/referrals/{referral_id}/shares": {
        "with_authority": "nottingham-city", "until_on": "2026-11-30", "reason": "A move over the border is planned",
    },
    "/api/competitions/{competition_id}/extension": {
        "closes_at": "2026-12-24T12:00:00Z", "reason": "A bank holiday lies in between",
    },
    "/api/competitions/{competition_id}/evaluation": {"scores": {}},
    "/api/competitions/{competition_id}/give-up": {"reason": "None was suitable for the plan"},
    "/api/competitions/{competition_id}/next": {"choice": "rerun", "reason": "None was suitable"},
    "/api/competitions/{competition_id}/award": {"bid_id": str(UUID(int=9)), "reason": "The best plan"},
    "/api/competitions/{competition_id}/questions/{question_id}/answer": {"text": "Yes, there is"},
    "/api/invitations/{token}/bid": {
        "earliest_start": "2026-12-10", "place": {"outward_code": "DE1", "shared": True}, "answers": {},
    },
    "/api/invitations/{token}/decline": {"reason": "no_room"},
    "/api/invitations/{token}/questions": {"text": "Is a garden wanted?"},
    "/api/awards/{award_id}/funding": {"decision": "authorise", "reason": "Within the plan"},
    "/api/awards/{award_id}/agreement": {"starts_on": "2026-12-10", "ends_on": "2027-04-20", "met_on": "2026-11-21"},
    "/api/agreements/{agreement_id}/concerns": {
        "kind": "safeguarding", "known_at": "2026-11-21T14:00:00Z",
        "words": "A bruise was seen", "action": "Staff told",
    },
    "/api/agreements/{agreement_id}/hours": {
        "week": [{"date": "2026-12-14", "hours": 2, "kind": "individual"}],
    },
    "/api/agreements/{agreement_id}/market": {"reason": "step_down", "why": "Needs far less support than before"},
    "/api/agreements/{agreement_id}/reviews": {"kind": "extra", "due_on": "2026-12-20", "cause": "young_person_asked"},
    "/api/agreements/{agreement_id}/standing": {"choice": "keep", "reason": "It goes well where they are"},
    "/api/agreements/{agreement_id}/support-plan": {
        "goals": {"education": "Goes every day"}, "weekly": "Twice a week after college", "with_young_person": True,
    },
    "/api/agreements/{agreement_id}/termination": {
        "kind": "planned", "ends_on": "2027-04-20", "move_on": "own_tenancy", "expected": True,
    },
    "/api/agreements/{agreement_id}/variations": {
        "reason": "needs_less", "effective_on": "2027-01-04", "hours": 6,
    },
    "/api/applications/{application_id}/decision": {"decision": "admit", "note": "All criteria are met"},
    "/api/ceilings": {"category": "1.2", "valid_from": "2027-01-01", "accommodation_weekly": "400.00"},
    "/api/concerns/{concern_id}/acknowledgement": {"next_step": "A strategy meeting tomorrow"},
    "/api/homes": {
        "name": "New house", "address": "1 Made-up Street, Derby", "outward_code": "DE1", "opened_on": "2026-12-01",
    },
    "/api/homes/{home_id}/beds/{bed_id}/voids": {"reason": "repairs", "starts_on": "2026-12-01"},
    "/api/offers/{invitation_id}/difference": {
        "differences": "Needs a nurse at night", "expertise": "A nurse on the premises", "support_hourly": "60.00",
    },
    "/api/offers/{invitation_id}/negotiation": {"words": "Two staff at night", "hours": 30, "support_hourly": "25.00"},
    "/api/registrations/{registration_id}/suspension": {
        "starts_on": "2026-11-21", "reason": "Fire doors were wedged open",
    },
    "/api/registrations/{registration_id}/suspension/{suspension_id}/lift": {"reason": "They were put right"},
    "/api/specification": {
        "title": "Wi-Fi", "reason": "Young people need it for school", "answer_by": "2026-12-21",
        "effective_on": "2027-02-01", "clauses": [{"number": "3.4.1", "words": "There is Wi-Fi in every home"}],
    },
    "/api/specification/{change_id}/answer": {"stance": "agree"},
    "/api/specification/{change_id}/decision": {"decision": "authorise", "note": "As consulted"},
    "/api/subcontractors": {
        "authority": "derby-city", "name": "Night Cover Made-up Ltd", "service": "Waking nights", "share": "10",
        "cost_yearly": "12000.00", "starts_on": "2027-01-01",
    },
    "/api/subcontractors/{subcontractor_id}/consent": {"decision": "consent", "words": "Agreed for one year"},
    "/api/subcontractors/{subcontractor_id}/end": {"ended_on": "2026-11-21"},
    "/api/uplifts": {
        "category": "1.2", "percent": "3", "starts_on": "2027-04-01", "reason": "Wages have risen by as much",
    },
    "/api/uplifts/{uplift_id}/decision": {"decision": "accept", "note": "Within the budget"},
    "/api/variations/{variation_id}/funding": {"decision": "authorise"},
    "/agreements/{agreement_id}/acceptance": {"read": "yes"},
}  # fmt: skip
"""What is sent, whole, so that a refusal is about who asks and not about what was typed."""

QUERIES: Final[Mapping[str, str]] = {
    "/api/competitions/{competition_id}/why": f"provider={provider_id('amberside')}",
    "/api/ledger": "from=2026-12-01&to=2026-12-31",
    "/api/tonight": "age=17",
}
"""What must be asked with a page that answers nothing without it."""

NOT_TOLD: Final = (
    *("application_id", "bed_id", "call_id", "change_id", "concern_id", "contact_id", "difference_id", "document_id"),
    *("evidence_id", "handle", "hold_id", "home_id", "meeting_id", "registration_id", "round_id"),
    *("subcontractor_id", "suspension_id", "uplift_id", "variation_id"),
)
"""Ids of which the story has none: nobody's in every world, so that a cell asks only whether the role is refused."""

FIRMS_IDS: Final = frozenset({"invitation_id"})
"""Ids that are a firm's; of `agreement_id` the council's staff and the firm both are at home."""
REGISTERS_IDS: Final = frozenset({"provider_id"})
"""Ids of the shared register: everybody who may read it is at home."""
FIXED: Final[Mapping[str, str]] = {
    "slug": "status",
    "name": "app.css",
    "path": "nothing",
    "key": "1",
    "kind": "insurance",
    "place": "1",
    "week": "2026-12-14",
    "address": "nothing.ics",
}


@dataclass(frozen=True, slots=True)
class Cell:
    method: str
    path: str
    who: str
    world: str


@dataclass
class Stage:
    """The application, who asks, and the ids of each world: Derby's own, the County's, and nobody's."""

    client: TestClient[Litestar]
    routes: tuple[tuple[str, str, tuple[str, ...]], ...]
    ids: Mapping[str, Mapping[str, str]]
    actors: Mapping[str, Actor | None]
    tokens: Mapping[str, str]
    sessions: Mapping[str, str]
    answers: Counter[str] = field(default_factory=Counter)


def prove(quick: bool) -> Iterator[Figure]:
    """Ask every cell, or one in so many, and count what leaks."""
    with a_stage() as stage:
        cells = list(_cells(stage))
        if quick:  # the step moves on by one each round, so that every asker and every world comes in
            cells = [one for at, one in enumerate(cells) if (at + at // QUICK_EVERY) % QUICK_EVERY == 0]
        leaks, wrong = [], []
        for cell in cells:
            leak, fault = _ask(stage, cell)
            leaks += [leak] if leak else []
            wrong += [fault] if fault else []
        unlisted = [one for one in stage.routes if _needs(one[0], one[1]) is None and one[:2] not in LEFT]
    for one in (*leaks, *wrong):
        print(f"    {one}")  # whoever is told a number wants to know which
    some = f", one in {QUICK_EVERY}" if quick else ""
    how = (
        f"{len(stage.routes)} routes of the running application x {len(stage.actors)} who ask x ids of Derby, of the"
        f" County and of nobody{some}; {len(unlisted)} routes held to the general rule only"
    )
    least = QUICK_LEAST if quick else LEAST
    yield Figure("cells", len(cells), f">= {least}", "cells", how)
    yield Figure("cell_leaks", len(leaks), "= 0", "cells", "answered, or named a young person, to who may not; " + how)
    yield Figure("cells_wrong", len(wrong), "= 0", "cells", "refused otherwise than by 401, 403, 404 as each should be")


def _cells(stage: Stage) -> Iterator[Cell]:
    """Give every cell but the acts of those who may do them: those change the story under the other cells."""
    for method, path, names in stage.routes:
        if (method, path) in LEFT:
            continue
        worlds = ("own", "other", "nobody's") if set(names) - set(FIXED) else ("own",)
        for who in stage.actors:
            for world in worlds:
                acts = method == "POST" and _needs(method, path) != OPEN
                if acts and _may(stage, method, path, who) and (world == "own" or not set(names) - set(FIXED)):
                    continue
                if method == "POST" and world == "own" and (_needs(method, path) is None or "{token}" in path):
                    continue  # a link is its own key, and nobody knows what a new route does: the foreign ids stay
                yield Cell(method, path, who, world)


def _ask(stage: Stage, cell: Cell) -> tuple[str, str]:
    """Ask one cell; give what leaked and what was refused wrongly, each in words or ''."""
    path = cell.path.format_map({**FIXED, **stage.ids[cell.world]})
    path += f"?{QUERIES[cell.path]}" if cell.path in QUERIES else ""
    api = cell.path.startswith("/api/")
    headers = {"accept": "application/json" if api else "text/html"}
    token = stage.tokens.get(cell.who)
    data: dict[str, Any] = {}
    if token and (api or cell.method == "GET"):
        headers["authorization"] = f"Bearer {token}"
    elif token:
        headers["cookie"] = f"session={stage.sessions[cell.who]}"
        data = {"data": {"_csrf_token": csrf_token(stage.sessions[cell.who]), **BODIES.get(cell.path, {})}}
    if api and cell.method == "POST":
        data = {"json": dict(BODIES.get(cell.path, {}))}
    answer = stage.client.request(cell.method, path, headers=headers, follow_redirects=False, **data)
    stage.client.cookies.clear()
    said = f"{cell.method} {cell.path} [{cell.world}] as {cell.who}: {answer.status_code}"
    actor = stage.actors[cell.who]
    for council, names in SECRETS.items():
        reads = actor is not None and actor.authority == council and Permission.SEE_REFERRAL in GRANTS[actor.role]
        reads = reads or (_by_grant(cell) and _at_home(cell, actor))
        if not reads and any(name in answer.text for name in names):
            return f"{said} names a young person of {council}", ""
    return _judge(stage, cell, answer.status_code, answer.headers.get("location", ""), said)


def _judge(stage: Stage, cell: Cell, status: int, location: str, said: str) -> tuple[str, str]:
    expected = _expected(stage, cell)
    got = 401 if status == 303 and location.startswith("/sign-in") else status
    if expected is None or got in expected:
        return ("", said) if got >= 500 else ("", "")
    refused = got in {401, 403, 404}
    words = f"{said}, not {' or '.join(map(str, sorted(expected)))}"
    return ("", words) if refused or got in {400, 405, 409, 410, 422, 500} else (words, "")


def _expected(stage: Stage, cell: Cell) -> frozenset[int] | None:
    """Say which refusals are right; None where an answer is."""
    needed, actor = _needs(cell.method, cell.path), stage.actors[cell.who]
    if needed == OPEN:
        return None
    if "{token}" in cell.path:  # who tries many of them is told to wait
        return frozenset({404, 410, 429}) if cell.world == "nobody's" else None
    home = _at_home(cell, actor)
    if needed is None:  # a route that nobody has written down: what holds for all of them
        if home or actor is None:
            return None
        unread = cell.method == "POST" or cell.path.startswith("/api/")  # what was sent may be read first
        return frozenset({401, 403, 404, 422} if unread else {401, 403, 404})
    if actor is None:  # a form of an offer is kept for whoever's session has ended meanwhile, and says so
        return frozenset({401, 403} if (cell.method, cell.path[:8]) == ("POST", "/offers/") else {401})
    if not _may(stage, cell.method, cell.path, cell.who):
        return frozenset({403}) if home else frozenset({403, 404})
    return None if home else frozenset({404})


def _at_home(cell: Cell, actor: Actor | None) -> bool:
    """Say whether the ids of a path are the asker's own."""
    names = {part.strip("{}") for part in cell.path.split("/") if part.startswith("{")} - set(FIXED)
    if not names:
        return True
    if actor is None or cell.world == "nobody's":
        return False
    if names <= REGISTERS_IDS:
        return True
    own_firm = actor.provider_id == provider_id("amberside" if cell.world == "own" else "brightwater")
    if names & FIRMS_IDS:  # what is agreed with an invitee has two parties
        of_council = cell.path.endswith(("/difference", "/negotiation")) and not actor.role.of_provider
        return own_firm or (of_council and actor.authority == ("derby-city" if cell.world == "own" else "derbyshire"))
    if _by_grant(cell):  # Derby has let the County read its referral; the County has let Derby read nothing
        return (cell.world, actor.authority) == ("own", "derbyshire")
    if actor.role.of_provider:
        return names <= {"agreement_id", "review_id"} and own_firm
    return actor.authority == ("derby-city" if cell.world == "own" else "derbyshire")


def _by_grant(cell: Cell) -> bool:
    return cell.path.startswith(("/shared/", "/api/shared/"))


def _needs(method: str, path: str) -> Need | None:
    return OPEN if "{token}" in path and method == "GET" else NEEDS.get((method, path))


def _may(stage: Stage, method: str, path: str, who: str) -> bool:
    needed, actor = _needs(method, path), stage.actors[who]
    if actor is None or needed is None or isinstance(needed, str):
        return needed == SIGNED_IN and actor is not None
    return bool(needed & GRANTS[actor.role])


# The story -----------------------------------------------------------------------------------------------------------


class _County(Road):
    """The same road, gone by the County's people."""

    def actor(self, key: str) -> Actor:
        if key == "approver":
            return APPROVER.actor
        return Road.actor(self, f"{key}_county" if key in {"placements", "coordinator"} else key)


APPROVER: Final = Person(
    PersonId(UUID(int=77)), "derbyshire", "An approver", Role.APPROVER, "approver@county.example", None, Decimal(5000)
)


@contextmanager
def a_stage() -> Iterator[Stage]:
    """Tell a story of two councils on a PostgreSQL of its own, and put the application before it."""
    folder = a_folder("dps-proof-")
    try:
        with Cluster(folder, FAST) as cluster:
            migrations.upgrade(cluster.url)
            engine = create_engine(cluster.url, connect_args={"options": LIMITS})
            clock = StoppedClock(NOW)
            desk = Desk(engine, clock, load(templates_dir() / "messages"), "http://testserver.local", RECIPIENTS)
            ids = _story(desk, clock)
            app = create_app(desk, Settings(Mode.PRODUCTION, "", desk.public_url))
            with TestClient(app, raise_server_exceptions=False) as client:
                yield _stage(client, app, ids)
            engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stage(client: TestClient[Litestar], app: Litestar, ids: Mapping[str, Mapping[str, str]]) -> Stage:
    known = {one.key: one for one in personas()}
    actors: dict[str, Actor | None] = {key: one.person.actor for key, one in known.items()} | {"nobody": None}
    tokens = {key: one.token for key, one in known.items()}
    sessions = {key: sign_in(app.state.house, token) for key, token in tokens.items()}
    return Stage(client, _routes(app, ids), ids, actors, tokens, sessions)


def _routes(app: Litestar, ids: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """List method, path and the names of its ids. Raises LookupError for an id that the story has none of."""
    found = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            names = tuple(part.strip("{}") for part in route.path_format.split("/") if part.startswith("{"))
            for name in names:
                if name not in FIXED and name not in ids["own"]:
                    raise LookupError(f"{route.path_format}: the story of tests/proof/cells.py has no {name}; add one")
            found += [(method, route.path_format, names) for method in sorted(route.methods & {"GET", "POST"})]
    return tuple(sorted(found))


def _story(desk: Desk, clock: StoppedClock) -> Mapping[str, Mapping[str, str]]:
    """Let two councils do the same: raise, ask, award, agree; Derby shares one referral with the County."""
    with desk.work(SYSTEM) as work:
        settle(work, date(2026, 1, 1))
        people.save_person(work.db, APPROVER, b"nobody signs in as this one")
    derby = _told(Road(desk, clock), "amberside")
    county = _told(_County(desk, clock), "brightwater", young_person=dict(THEIRS))
    with desk.work(Road(desk, clock).actor("coordinator")) as work:
        until = work.today + timedelta(days=9)
        event = share_referral(work, UUID(derby["referral_id"]), "derbyshire", until, "A move over the border")
    derby["share_id"], county["share_id"] = str(event.share_id), str(uuid4())
    derby["person_id"], county["person_id"] = str(person_id("coordinator")), str(person_id("coordinator_county"))
    for name in NOT_TOLD:
        derby[name], county[name] = str(uuid4()), str(uuid4())
    return {
        "own": derby,
        "other": county,
        "nobody's": {name: str(uuid4()) for name in derby} | {"token": "no-such-link"},
    }


def _told(road: Road, firm: str, **changes: Any) -> dict[str, str]:
    opened = road.opened(**changes)
    user = Actor(Role.PROVIDER, firm, None, None, provider_id(firm))
    with road.desk.work(user) as work:
        asked = flow.ask_question(work, road.invitation_id(opened, firm), "Is a garden wanted?")
    road.offered(opened, firm)
    awarded = road.funded(opened)
    with road.desk.work(road.actor("coordinator")) as work:
        agreement = flow.open_agreement(
            work, awarded.award_id, date(2026, 12, 10), date(2027, 4, 20), road.clock.now.date(), None
        )
    return {
        "referral_id": str(opened.referral_id),
        "competition_id": str(opened.competition_id),
        "question_id": str(asked.id),
        "award_id": str(awarded.award_id),
        "agreement_id": str(agreement.agreement_id),
        "review_id": str(agreement.review_ids[0]),
        "invitation_id": str(road.invitation_id(opened, firm)),
        "provider_id": str(provider_id(firm)),
        "token": road.token(opened, firm),
    }
