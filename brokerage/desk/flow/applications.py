"""Applications to join the register: the applicant's verbs, and those of the council that keeps it (A13, S24, S25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID, uuid4

from brokerage.desk.flow import people as people_flow
from brokerage.desk.joining import Found, document_id_of, read_application
from brokerage.desk.work import Desk, Work
from brokerage.people import store as people_store
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Actor, Permission, Person, PersonId, Purpose, Role
from brokerage.reading import Fault, NotValid
from lots import service as lots_service
from lots import store as lots
from lots.errors import CodeNotRight, NoSuchEntry
from lots.events import (
    ApplicantCodeSent,
    ApplicantLinkSent,
    ApplicationAdmitted,
    ApplicationAssessed,
    ApplicationExtended,
    ApplicationRefused,
    ApplicationSectionSaved,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    DocumentKept,
    FirmAdministratorMade,
    MobileConfirmed,
)
from lots.model import (
    Application,
    ApplicationId,
    ApplicationState,
    Document,
    DocumentId,
    Finding,
    Joining,
    ProviderId,
    Section,
)
from lots.rules.documents import check_document
from lots.rules.doors import new_token, secret_hash
from lots.service import doors
from lots.store import documents as document_store
from lots.store import doors as door_store

LIVE: Final = frozenset({ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.ASSESSED})
"""Not decided yet; a firm has one such at most."""

OVER: Final = frozenset({ApplicationState.REFUSED, ApplicationState.WITHDRAWN})
"""After one of these the firm may apply again."""


# The door ----------------------------------------------------------------------------------------------------------


def send_link(work: Work, email: str, firm: str) -> ApplicantLinkSent:
    """Send a link to an address that somebody typed; the answer is the same whether it is known or not."""
    event = doors.send_link(work.db, email, firm, work.now)
    work.record(event, None)
    return event


def send_link_code(work: Work, token: str) -> ApplicantCodeSent:
    """Send the code that opens a link: by text where the application has a confirmed mobile, else by e-mail.

    Raises LinkNotUsable, CodesUsedUp.
    """
    link = door_store.link(work.db, secret_hash(token), work.now)
    mobile = ""
    if link.application_id is not None:
        mobile = next(iter(sorted(lots.application(work.db, link.application_id).confirmed)), "")
    code_id = doors.code_of_link(token)
    event = doors.send_code(work.db, code_id, work.now, email="" if mobile else link.email, mobile=mobile)
    work.record(event, None)
    return event


def enter(desk: Desk, actor: Actor, token: str, code: str) -> tuple[ApplicationId, str]:
    """Let a browser in that brings link and code; give the application and the browser's secret.

    The application begins here, so that a form sent by a stranger makes none. A try is charged in a transaction of its
    own. Raises LinkNotUsable, CodeNotRight.
    """
    code_id = doors.code_of_link(token)
    with desk.work(actor) as work:
        door_store.link(work.db, secret_hash(token), work.now)
        left = doors.spend_try(work.db, code_id, code, work.now)
    if left is not None:
        raise CodeNotRight(left)
    with desk.work(actor) as work:
        doors.use_code(work.db, code_id, code)
        link = door_store.link(work.db, secret_hash(token), work.now, hold=True)
        application_id = link.application_id
        if application_id is None:
            application_id = ApplicationId(uuid4())
            work.actor = applicant(application_id)
            start_application(work, application_id, ProviderId(uuid4()))
            typed = {"name": link.firm, "number": "", "address": "", "email": link.email, "phone": ""}
            save_section(work, application_id, Section.ORGANISATION, typed)
            door_store.use_link(work.db, secret_hash(token), application_id)
        secret = new_token()
        door_store.open_visit(work.db, secret_hash(secret), application_id, work.now)
    return application_id, secret


def applicant(application_id: ApplicationId) -> Actor:
    """Name who holds the door of an application; the record knows no more."""
    return Actor(Role.APPLICANT, "Applicant", application_id=application_id)


# The applicant -----------------------------------------------------------------------------------------------------


def own_application(work: Work, application_id: UUID) -> Application:
    """Find the asker's own application: by its door, or as an administrator of its firm. Raises NoSuchEntry."""
    work.require(Permission.APPLY)
    found = lots.application(work.db, ApplicationId(application_id))
    if not _owns(work.actor, found):
        raise NoSuchEntry("application", application_id)
    return found


def start_application(
    work: Work, application_id: ApplicationId, provider_id: ProviderId, like: ApplicationId | None = None
) -> ApplicationStarted:
    """Begin to apply under the legal profile of the council that keeps the register (S24).

    A firm on the register that applies for more has confirmed its mobiles already.
    Raises ApplicationOpenAlready, NoKeeper.
    """
    work.require(Permission.APPLY)
    profile = work.council(work.keeper).legal_profile
    event = lots_service.start_application(work.db, application_id, provider_id, profile, work.now, like)
    work.record(event, None)
    for mobile in _known_mobiles(work, provider_id):
        lots_service.confirm_mobile(work.db, application_id, mobile, work.now)
    return event


def apply_as_provider(work: Work) -> ApplicationId:
    """Begin an application of the asker's own firm, with what the last one or the register says."""
    work.require(Permission.APPLY)
    provider_id = ProviderId(work.actor.provider_id or UUID(int=0))
    before = lots.applications_of(work.db, provider_id)
    open_one = next((one for one in before if one.state in LIVE), None)
    if open_one is not None:
        return open_one.id
    application_id = ApplicationId(uuid4())
    start_application(work, application_id, provider_id, before[0].id if before else None)
    if not before:
        for section, typed in _from_register(work, provider_id).items():
            save_section(work, application_id, section, typed)
    return application_id


def apply_again(work: Work, application_id: UUID) -> ApplicationId:
    """Begin anew after a refusal, with the answers of then (A13). Raises NoSuchEntry, ApplicationOpenAlready."""
    before = own_application(work, application_id)
    made = ApplicationId(uuid4())
    start_application(work, made, before.provider_id, before.id)
    door_store.pass_links_on(work.db, before.id, made)
    return made


def save_section(
    work: Work, application_id: UUID, section: Section, typed: Mapping[str, object]
) -> ApplicationSectionSaved:
    """Keep one section as typed, finished or not; its files are those that were kept. Raises NoSuchEntry, NotNow."""
    held = own_application(work, application_id)
    kept = _with_files(typed, held.typed.get(section, {}))
    event = lots_service.save_section(work.db, held.id, section, kept, work.now)
    work.record(event, None)
    return event


def keep_document(work: Work, application_id: UUID, section: Section, key: str, content: bytes) -> Document:
    """Keep a file for one paper of a draft, in place of the one before. Raises DocumentUnfit, NoSuchEntry, NotNow."""
    held = own_application(work, application_id)
    document = add_document(work, held.provider_id, content)
    typed = dict(held.typed.get(section, {}))
    group = "standards" if section is Section.HOUSING_STANDARD else "papers"
    papers = typed.get(group)
    papers = dict(papers) if isinstance(papers, Mapping) else {}
    paper = papers.get(key)
    papers[key] = {**(paper if isinstance(paper, Mapping) else {}), "document_id": str(document.id)}
    work.record(lots_service.save_section(work.db, held.id, section, typed | {group: papers}, work.now), None)
    return document


def add_document(work: Work, provider_id: ProviderId, content: bytes) -> Document:
    """Look into a file and keep it. Raises DocumentUnfit."""
    checked = check_document(content)
    kept = document_store.add_document(work.db, DocumentId(uuid4()), provider_id, checked, work.actor.key, work.now)
    work.record(DocumentKept(kept.id, provider_id, kept.media_type.value, kept.size, kept.sha256.hex()), None)
    return kept


def send_mobile_code(work: Work, application_id: UUID, mobile: str) -> ApplicantCodeSent:
    """Text a code to a contact's mobile, to show that it is theirs. Raises NoSuchEntry, CodesUsedUp."""
    held = own_application(work, application_id)
    _contact_with(held, mobile)
    event = doors.send_code(work.db, doors.code_of_mobile(held.id, mobile), work.now, mobile=mobile)
    work.record(event, None)
    return event


def confirm_mobile(desk: Desk, actor: Actor, application_id: UUID, mobile: str, code: str) -> None:
    """Take the code back that was texted to a mobile; a try is charged in a transaction of its own.

    Raises NoSuchEntry, NotNow, CodeNotRight.
    """
    with desk.work(actor) as work:
        held = own_application(work, application_id)
        _contact_with(held, mobile)
        code_id = doors.code_of_mobile(held.id, mobile)
        left = doors.spend_try(work.db, code_id, code, work.now)
    if left is not None:
        raise CodeNotRight(left)
    with desk.work(actor) as work:
        doors.use_code(work.db, code_id, code)
        lots_service.confirm_mobile(work.db, held.id, mobile, work.now)
        work.record(MobileConfirmed(held.id, held.provider_id), None)


def submit_application(work: Work, application_id: UUID) -> ApplicationSubmitted:
    """Submit an application that is complete; the clock for the decision starts (S25).

    Raises NoSuchEntry, NotNow, NotValid for what cannot be read, ApplicationIncomplete for what is lacking.
    """
    held = own_application(work, application_id)
    joining = whole(read_application(held.typed))
    event = lots_service.submit_application(work.db, held.id, joining, work.now)
    work.record(event, None)
    return event


def withdraw_application(work: Work, application_id: UUID) -> ApplicationWithdrawn:
    """Take an application back. Raises NoSuchEntry, NotNow."""
    held = own_application(work, application_id)
    event = lots_service.withdraw_application(work.db, held.id)
    work.record(event, None)
    return event


def send_application(work: Work, typed: Mapping[Section, Mapping[str, object]]) -> ApplicationSubmitted:
    """Submit a whole application in one step, as other systems send it.

    A provider's administrator applies for the own firm. The DPS administrator enters what a new firm sent on paper and
    answers for its mobiles, having rung them. Raises NotValid, ApplicationIncomplete, ApplicationOpenAlready.
    """
    found = whole(read_application(typed))
    application_id = ApplicationId(uuid4())
    by = work.actor
    if by.provider_id is not None:
        work.require(Permission.APPLY)
        provider_id = ProviderId(by.provider_id)
    else:
        require_keeper(work, Permission.ASSESS_APPLICATION)
        provider_id = ProviderId(uuid4())
    event = lots_service.start_application(
        work.db, application_id, provider_id, work.council(work.keeper).legal_profile, work.now
    )
    work.record(event, None)
    mobiles = _known_mobiles(work, provider_id) if by.provider_id else {one.mobile for one in found.contacts}
    for mobile in mobiles:
        lots_service.confirm_mobile(work.db, application_id, mobile, work.now)
    for section, part in typed.items():
        lots_service.save_section(work.db, application_id, section, _with_files(part, {}), work.now)
    submitted = lots_service.submit_application(work.db, application_id, found, work.now)
    work.record(submitted, None)
    return submitted


def whole(found: Found) -> Joining:
    """Give what an application says where all of it could be read. Raises NotValid with every fault."""
    faults = tuple(
        Fault(f"/{section.value}{fault.pointer}", fault.message)
        for section, those in found.faults.items()
        for fault in those
    )
    if faults:
        raise NotValid(faults)
    return found.joining


# The council that keeps the register -------------------------------------------------------------------------------


def require_keeper(work: Work, permission: Permission) -> None:
    """Refuse whoever may not, and staff of a council that does not keep the register (A4). Raises NotAllowed."""
    work.require(permission)
    if work.actor.authority != work.keeper:
        raise NotAllowed(permission, work.actor.role)


def assess_application(work: Work, application_id: UUID, findings: Iterable[Finding]) -> ApplicationAssessed:
    """Keep for each published criterion whether it is met. Raises NoSuchEntry, NotNow, FindingsNotWhole."""
    require_keeper(work, Permission.ASSESS_APPLICATION)
    event = lots_service.assess_application(work.db, ApplicationId(application_id), findings)
    work.record(event, None)
    return event


def extend_decision(work: Work, application_id: UUID, reason: str) -> ApplicationExtended:
    """Take the longer time for a decision; the applicant is told why (S25)."""
    require_keeper(work, Permission.ASSESS_APPLICATION)
    event = lots_service.extend_decision(work.db, ApplicationId(application_id), reason)
    work.record(event, None)
    return event


def admit_application(work: Work, application_id: UUID, note: str) -> ApplicationAdmitted:
    """Admit a firm: it is on the register from today, and a new one's administrator is sent a link to set up (A13)."""
    require_keeper(work, Permission.ASSESS_APPLICATION)
    held = lots.application(work.db, ApplicationId(application_id))
    new = not lots.is_admitted(work.db, held.provider_id)
    event = lots_service.admit_application(work.db, held.id, note, work.now)
    work.record(event, None)
    if new:
        assert held.content is not None, "what was admitted has content"
        _make_administrator(work, held.provider_id, held.content)
    return event


def refuse_application(work: Work, application_id: UUID, note: str) -> ApplicationRefused:
    """Refuse a firm with the criteria that it does not meet; it may apply again (A13)."""
    require_keeper(work, Permission.ASSESS_APPLICATION)
    event = lots_service.refuse_application(work.db, ApplicationId(application_id), note, work.now)
    work.record(event, None)
    return event


def _make_administrator(work: Work, provider_id: ProviderId, content: Joining) -> None:
    """Let the first contact sign in for the firm; everybody else is added by them."""
    first = content.contacts[0]
    person = Person(PersonId(uuid4()), None, first.name, Role.PROVIDER_ADMIN, first.email, provider_id)
    with work.beyond_walls():  # a council's administrator keeps no people of a firm, and makes only the first
        people_store.save_person(work.db, person, None)
        work.record(FirmAdministratorMade(provider_id, person.id), None)
        people_flow.send_link(work, person, Purpose.SET_UP)


# What several need -------------------------------------------------------------------------------------------------


def _owns(actor: Actor, found: Application) -> bool:
    if actor.application_id is not None:
        return actor.application_id == found.id
    return actor.provider_id is not None and actor.provider_id == found.provider_id


def _with_files(typed: Mapping[str, object], before: Mapping[str, object]) -> dict[str, object]:
    """Give a section with the files that were kept for it, whatever ids came with what was typed."""
    kept = dict(typed)
    for group in ("papers", "standards"):
        new, old = kept.get(group), before.get(group)
        if not isinstance(new, Mapping):
            continue
        held = {key: document_id_of(paper) for key, paper in old.items()} if isinstance(old, Mapping) else {}
        kept[group] = {key: _paper(paper, held.get(key)) for key, paper in new.items()}
    return kept


def _paper(paper: object, document_id: UUID | None) -> object:
    if not isinstance(paper, Mapping):
        return paper
    own = {name: value for name, value in paper.items() if name != "document_id"}
    return own | ({"document_id": str(document_id)} if document_id else {})


def _contact_with(held: Application, mobile: str) -> None:
    if all(one.mobile != mobile for one in read_application(held.typed).joining.contacts):
        raise NoSuchEntry("contact", held.id)


def _known_mobiles(work: Work, provider_id: ProviderId) -> set[str]:
    if not lots.is_admitted(work.db, provider_id):
        return set()
    return {lots.provider(work.db, provider_id).mobile} | {one.mobile for one in lots.contacts(work.db, provider_id)}


def _from_register(work: Work, provider_id: ProviderId) -> dict[Section, dict[str, object]]:
    """Begin a first application with what the register knows of a firm."""
    known = lots.provider(work.db, provider_id)
    people = lots.contacts(work.db, provider_id)
    found: dict[Section, dict[str, object]] = {
        Section.ORGANISATION: {
            "name": known.name,
            "number": "",
            "address": "",
            "email": known.email,
            "phone": known.phone,
        },
        Section.AREAS: {"areas": ", ".join(lots.areas(work.db, provider_id))},
        Section.CONTACTS: {
            "contacts": [
                {"name": one.name, "role": one.role, "email": one.email, "mobile": one.mobile} for one in people
            ]
            or [{"name": work.actor.name, "role": "", "email": known.email, "mobile": known.mobile}]
        },
    }
    if known.ofsted_urn is not None:
        found[Section.OFSTED] = {
            "registered": "yes",
            "urn": known.ofsted_urn,
            "categories": [str(one) for one in sorted(known.ofsted_categories)],
            "outcome": known.ofsted_outcome.value if known.ofsted_outcome else "",
        }
    return found
