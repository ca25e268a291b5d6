"""What applicants see of their application, and the council that keeps the register of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from brokerage.desk.flow.applications import own_application, require_keeper
from brokerage.desk.joining import Found, document_id_of, read_application
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import Fault
from lots import store as lots
from lots.model import Application, ApplicationId, ApplicationState, Document, Gap, LegalProfile, Section
from lots.rules.joining import gaps as gaps_of
from lots.rules.joining import working_days_left
from lots.store import documents as document_store

NOT_ALWAYS: Final = frozenset({Section.HOMES, Section.OFSTED, Section.HOUSING_STANDARD})
"""Sections that a firm which only supports, or only in lot 1, may leave out."""

DECIDED: Final = (ApplicationState.ADMITTED, ApplicationState.REFUSED, ApplicationState.WITHDRAWN)
WAITING: Final = (ApplicationState.SUBMITTED, ApplicationState.ASSESSED)


@dataclass(frozen=True, slots=True)
class ApplyingView:
    """An application as its applicant sees it: what is typed, what is wrong or lacking, how far each section is."""

    application: Application
    found: Found
    gaps: Mapping[Section, tuple[Gap, ...]]
    statuses: Mapping[Section, str]
    profile: LegalProfile
    council: str
    on_register: bool

    @property
    def complete(self) -> bool:
        return not any(self.found.faults.values()) and not any(self.gaps.values())

    @property
    def name(self) -> str:
        return self.found.joining.organisation.name


@dataclass(frozen=True, slots=True)
class ListedApplication:
    """An application in a list. `days_left` counts working days until the decision is due; None before and after."""

    application: Application
    firm: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Applications:
    """Every application: those that wait, the nearest decision first; drafts; those that are over."""

    waiting: tuple[ListedApplication, ...]
    drafts: tuple[ListedApplication, ...]
    decided: tuple[ListedApplication, ...]


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application as the council sees it; `documents` by the paper they show."""

    application: Application
    firm: str
    profile: LegalProfile
    days_left: int | None
    documents: Mapping[UUID, Document]
    on_register: bool
    urn_taken: bool


def applying(work: Work, application_id: UUID) -> ApplyingView:
    """Show the asker's own application. Raises NoSuchEntry."""
    held = own_application(work, application_id)
    found = read_application(held.typed)
    taken = found.joining.ofsted is not None and lots.urn_taken(work.db, found.joining.ofsted.urn, held.provider_id)
    lacking = gaps_of(
        found.joining, held.confirmed, lots.evidence_kinds(), lots.catalogue(), work.today, urn_taken=taken
    )
    gaps = {
        section: () if found.faults[section] else tuple(gap for gap in lacking if gap.section is section)
        for section in Section
    }
    return ApplyingView(
        held,
        found,
        gaps,
        {section: _status(held, section, found.faults[section], gaps[section]) for section in Section},
        lots.profiles()[held.profile],
        work.council(work.keeper).name,
        lots.is_admitted(work.db, held.provider_id),
    )


def applications(work: Work) -> Applications:
    """List the applications to the register that the asker's council keeps."""
    require_keeper(work, Permission.ASSESS_APPLICATION)

    def listed(*states: ApplicationState) -> tuple[ListedApplication, ...]:
        return tuple(_listed(one, work.today) for one in lots.applications(work.db, states))

    decided = sorted(
        listed(*DECIDED), key=lambda one: one.application.decided_at or one.application.begun_at, reverse=True
    )
    return Applications(listed(*WAITING), listed(ApplicationState.DRAFT), tuple(decided))


def application(work: Work, application_id: UUID) -> ApplicationView:
    """Show one application to the council that decides about it. Raises NoSuchEntry."""
    require_keeper(work, Permission.ASSESS_APPLICATION)
    held = lots.application(work.db, ApplicationId(application_id))
    row = _listed(held, work.today)
    content = held.content
    ids = [paper.document_id for paper in content.papers] if content else []
    ids += [home.standard_document for home in content.homes] if content else []
    taken = False
    if content and content.ofsted:
        taken = lots.urn_taken(work.db, content.ofsted.urn, held.provider_id)
    return ApplicationView(
        held,
        row.firm,
        lots.profiles()[held.profile],
        row.days_left,
        {one: document_store.document(work.db, one) for one in ids if one is not None},
        lots.is_admitted(work.db, held.provider_id),
        taken,
    )


def papers_of(held: Application, section: Section) -> Mapping[str, UUID]:
    """Give the files kept for a section of a draft, by paper."""
    typed = held.typed.get(section, {})
    shown = typed.get("standards" if section is Section.HOUSING_STANDARD else "papers")
    if not isinstance(shown, Mapping):
        return {}
    return {str(key): found for key, paper in shown.items() if (found := document_id_of(paper)) is not None}


def _listed(held: Application, today: date) -> ListedApplication:
    firm = held.content.organisation.name if held.content else ""
    firm = firm or str(held.typed.get(Section.ORGANISATION, {}).get("name") or "No name yet")
    waits = held.state in WAITING and held.decide_by is not None
    return ListedApplication(held, firm, working_days_left(today, held.decide_by) if waits and held.decide_by else None)


def _status(held: Application, section: Section, faults: tuple[Fault, ...], gaps: tuple[Gap, ...]) -> str:
    """Say how far a section is: typed wrong is a problem, missing is in progress."""
    typed = held.typed.get(section)
    if typed is None or not any(typed.values()):
        optional = section in NOT_ALWAYS and not gaps and Section.PRICES in held.typed
        return "not_needed" if optional else "not_started"
    if not faults and not gaps:
        return "completed"
    wrong = any(not fault.message.startswith(("Enter ", "Choose ")) for fault in faults)
    return "problem" if wrong else "in_progress"
