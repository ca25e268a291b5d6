"""The applicant's side: a link by e-mail, a task list, one page a section, check, submit, and what became of it.

Two doors lead to the same pages: the link of an e-mail with its code, after which the browser holds a secret of its
own; or the session of an administrator of the firm. What is typed is kept, right or wrong.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import Cookie, UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, MultipartBody, URLEncodedBody

from brokerage.desk.flow import applications as flow
from brokerage.desk.joining import kinds_of
from brokerage.desk.views import applications as views
from brokerage.desk.views.applications import ApplyingView
from brokerage.desk.work import SYSTEM
from brokerage.people.model import Actor, Permission
from brokerage.people.rules import FORMS_FROM, csrf_token, may
from brokerage.reading import NotValid, Reader
from brokerage.web import applying_typed as typed
from brokerage.web.auth import House, Visit, form, house_of, look, page
from brokerage.web.limits import address_of, charge
from brokerage.web.problems import FormExpired
from lots import store as lots
from lots.errors import ApplicationIncomplete, CodeNotRight, CodesUsedUp, DocumentUnfit, LinkNotUsable
from lots.model import ApplicationState, Section
from lots.rules.documents import MOST_BYTES
from lots.rules.doors import VISIT_LONGEST, secret_hash
from lots.store import doors as door_store

Answer = Response[Any]
Data = Mapping[str, Any]
Ask = Request[Any, Any, Any]

MOST_UPLOAD: Final = 2 * MOST_BYTES + 1024 * 1024
"""Two files of the largest size and their form; everything else is held to the limit of all pages."""

SLUGS: Final = {section.value.replace("_", "-"): section for section in Section}
WITH_PAPERS: Final = frozenset({section for section in Section if kinds_of(section)})


@dataclass(frozen=True, slots=True)
class Door:
    """Who came in, and the mark that their forms carry."""

    asking: Visit
    actor: Actor
    mark: str

    def show(self, template: str, **context: Any) -> Answer:
        return self.asking.show(f"pages/applying/{template}.html", mark=self.mark, **context)

    def form(self, template: str, values: Data, errors: Mapping[str, str], **context: Any) -> Answer:
        name = f"pages/applying/{template}.html"
        return self.asking.show_form(name, values, errors, mark=self.mark, **context)

    def view(self, application_id: UUID) -> ApplyingView:
        with self.asking.house.desk.work(self.actor) as work:
            return views.applying(work, application_id)


def cookie_name(house: House) -> str:
    """Name the cookie of a browser that entered a link's code."""
    return "__Host-applicant" if house.settings.secure else "applicant"


def door_of(request: Ask, application_id: UUID | None = None) -> Door:
    """Let in who holds the door of an application, or administers a firm. Raises LinkNotUsable for anybody else."""
    asking = look(request)
    if asking.person is not None and may(asking.person, Permission.APPLY):
        return Door(asking, asking.person, csrf_token(asking.secret) if asking.secret else "")
    secret = request.cookies.get(cookie_name(asking.house), "")
    if secret:
        with asking.house.desk.work(SYSTEM) as work:
            found = door_store.visited(work.db, secret_hash(secret), work.now)
        if found is not None and application_id in {None, found}:
            return Door(asking, flow.applicant(found), csrf_token(secret))
    raise LinkNotUsable


async def check_door(request: Ask) -> None:
    """Refuse a form without the mark of a session or browser secret that came along. Raises FormExpired."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise FormExpired
    house = house_of(request)
    held = [request.cookies.get(name, "") for name in (house.cookie_name, cookie_name(house))]
    if not any(held):
        raise LinkNotUsable
    sent = str((await request.form()).get("_csrf_token", ""))
    if not any(one and secrets.compare_digest(sent, csrf_token(one)) for one in held):
        raise FormExpired


# Coming in ---------------------------------------------------------------------------------------------------------


@page("/apply")
def show_start(request: Ask) -> Answer:
    """Say what joining takes, and begin or go on."""
    return _start(look(request), {}, {})


@form("/apply")
def send_link(request: Ask, data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Send a link; the answer tells nobody who has applied."""
    charge(request, (FORMS_FROM, address_of(request)))
    asking = look(request)
    reader = Reader()
    email = reader.text(data.get("email"), "/email", "Your e-mail address", least=1, most=200)
    if email and not typed.looks_like_email(email):
        reader.fault("/email", "Your e-mail address must be in the usual form, such as name@example.co.uk")
    firm = reader.text(data.get("firm"), "/firm", "Your organisation's name", least=2, most=120, emoji=False)
    if reader.faults:
        return _start(asking, data, {fault.pointer[1:]: fault.message for fault in reader.faults})
    with asking.house.desk.work(SYSTEM) as work:
        flow.send_link(work, email, firm)
    return asking.show("pages/applying/sent.html", email=email)


@form("/apply/start")
def apply_as_provider(request: Ask) -> Answer:
    """Begin or go on as a firm that is on the register."""
    door = door_of(request)
    with door.asking.house.desk.work(door.actor) as work:
        application_id = flow.apply_as_provider(work)
    return door.asking.go(f"/apply/{application_id}")


@page("/a/{token:str}")
def show_link(request: Ask, token: FromPath[str]) -> Answer:
    """Ask for the code; looking sends none and changes nothing."""
    return _link(request, token, {}, sent=False)


@form("/a/{token:str}/code")
def send_link_code(request: Ask, token: FromPath[str]) -> Answer:
    """Send the code that opens the link."""
    charge(request, (FORMS_FROM, address_of(request)))
    asking = look(request)
    try:
        with asking.house.desk.work(SYSTEM) as work:
            event = flow.send_link_code(work, token)
    except CodesUsedUp as refusal:
        return _link(request, token, asking.refused_in(refusal), sent=True)
    return _link(request, token, {}, sent=True, by_text=bool(event.mobile))


@page("/a/{token:str}/code")
def show_link_again(request: Ask, token: FromPath[str]) -> Answer:
    """Lead from the address of a step that only a form reaches back to the link."""
    return look(request).go(f"/a/{token}")


@form("/a/{token:str}")
def enter(request: Ask, token: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Take the code and let the browser in."""
    asking = look(request)
    try:
        application_id, secret = flow.enter(asking.house.desk, SYSTEM, token, typed.digits(data.get("code")))
    except CodeNotRight as refusal:
        return _link(request, token, asking.refused_in(refusal), sent=True)
    response = asking.go(f"/apply/{application_id}")
    response.set_cookie(
        Cookie(
            key=cookie_name(asking.house),
            value=secret,
            path="/",
            httponly=True,
            secure=asking.house.settings.secure,
            samesite="lax",
            max_age=int(VISIT_LONGEST.total_seconds()),
        )
    )
    return response


@form("/apply/leave")
def leave(request: Ask) -> Answer:
    """Forget this browser."""
    asking = look(request)
    secret = request.cookies.get(cookie_name(asking.house), "")
    with asking.house.desk.work(SYSTEM) as work:
        door_store.close_visit(work.db, secret_hash(secret))
    response = asking.go("/apply", "You left your application. What you saved is kept")
    response.delete_cookie(cookie_name(asking.house), path="/")
    return response


def _start(asking: Visit, values: Data, errors: Mapping[str, str]) -> Answer:
    with asking.house.desk.work(SYSTEM) as work:
        council = work.council(work.keeper)
    return asking.show_form(
        "pages/applying/start.html",
        values,
        errors,
        council=council,
        profile=lots.profiles()[council.legal_profile],
        criteria=lots.criteria(),
        signed_in=asking.person is not None and may(asking.person, Permission.APPLY),
    )


def _link(request: Ask, token: str, errors: Mapping[str, str], *, sent: bool, by_text: bool = False) -> Answer:
    asking = look(request)
    with asking.house.desk.work(SYSTEM) as work:
        found = door_store.link(work.db, secret_hash(token), work.now)
    return asking.show_form(
        "pages/applying/link.html", {}, errors, firm=found.firm, token=token, sent=sent, by_text=by_text
    )


# The task list and its sections ------------------------------------------------------------------------------------


@page("/apply/{application_id:uuid}")
def show_tasks(request: Ask, application_id: FromPath[UUID]) -> Answer:
    """Show what is done and what is left; after submission, where the application stands."""
    door = door_of(request, application_id)
    view = door.view(application_id)
    if view.application.state is not ApplicationState.DRAFT:
        criteria = {one.key: one for one in lots.criteria()}
        return door.show("status", view=view, criteria=criteria, may_again=view.application.state in flow.OVER)
    statuses = view.statuses
    done = sum(one in {"completed", "not_needed"} for one in statuses.values())
    return door.show("tasks", view=view, titles=typed.TITLES, statuses=statuses, done=done, slugs=_slugs())


@page("/apply/{application_id:uuid}/papers/{slug:str}")
def show_papers(request: Ask, application_id: FromPath[UUID], slug: FromPath[str]) -> Answer:
    """Show a section that shows papers as it was left."""
    return _section_page(door_of(request, application_id), application_id, _section(slug), {})


@page("/apply/{application_id:uuid}/{slug:str}")
def show_section(request: Ask, application_id: FromPath[UUID], slug: FromPath[str]) -> Answer:
    """Show one section as it was left."""
    door = door_of(request, application_id)
    return _section_page(door, application_id, _section(slug), {})


@form("/apply/{application_id:uuid}/{slug:str}")
def save_section(
    request: Ask, application_id: FromPath[UUID], slug: FromPath[str], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Keep one section as typed, and say what is still wrong in it unless it is left for later."""
    section = _section(slug)
    if section in WITH_PAPERS or section is Section.HOMES:
        raise NotFoundException
    return _save(door_of(request, application_id), application_id, section, data, {})


@form("/apply/{application_id:uuid}/papers/{slug:str}", request_max_body_size=MOST_UPLOAD)
def save_papers(
    request: Ask, application_id: FromPath[UUID], slug: FromPath[str], data: MultipartBody[dict[str, Any]]
) -> Answer:
    """Keep a section that shows papers, with the files that came along."""
    door, section = door_of(request, application_id), _section(slug)
    if section not in WITH_PAPERS:
        raise NotFoundException
    files = {
        name.removeprefix("file_"): content
        for name, sent in data.items()
        if name.startswith("file_") and (content := file_of(sent))
    }
    return _save(door, application_id, section, data, files)


def file_of(sent: Any) -> bytes:
    """Give the bytes of an uploaded file; none where no file was chosen."""
    if isinstance(sent, bytes):
        return sent
    return sent.file.read(MOST_BYTES + 1) if isinstance(sent, UploadFile) else b""


def _save(door: Door, application_id: UUID, section: Section, data: Data, files: Mapping[str, bytes]) -> Answer:
    wish = typed.text(data, "go")
    part = typed.document_of(section, data)
    allowed = _papers(door, application_id, section)
    errors: dict[str, str] = {}
    with door.asking.house.desk.work(door.actor) as work:
        flow.save_section(work, application_id, section, part)
    for key, content in files.items():
        if key not in allowed:
            continue
        try:
            with door.asking.house.desk.work(door.actor) as work:
                flow.keep_document(work, application_id, section, key, content)
        except DocumentUnfit as refusal:
            errors[f"file_{key}"] = door.asking.refused_in(refusal)["file"]
    if wish == "add":
        return _section_page(door, application_id, section, {}, more=1)
    view = door.view(application_id)
    if wish != "later":
        errors = {**_errors(view, section), **errors}
    if errors:
        return _section_page(door, application_id, section, errors)
    if section is Section.CONTACTS and wish != "later":
        waiting = _unconfirmed(view)
        if waiting:
            return door.asking.go(f"/apply/{application_id}/mobiles/{waiting[0]}")
    kept = "is kept as you left it. Come back at any time" if wish == "later" else "is saved"
    return door.asking.go(f"/apply/{application_id}", f"“{typed.TITLES[section]}” {kept}")


def _papers(door: Door, application_id: UUID, section: Section) -> set[str]:
    """Name the papers of a section that may have a file: its kinds of evidence, or the homes."""
    if section is Section.HOUSING_STANDARD:
        return {row["key"] for row in typed.homes_of(door.view(application_id).application)}
    return {kind.key for kind in kinds_of(section)}


def _errors(view: ApplyingView, section: Section) -> dict[str, str]:
    """Give what keeps a section from being complete, by the box it is about; mobiles have a page of their own."""
    errors: dict[str, str] = {}
    for fault in view.found.faults[section]:
        errors.setdefault(typed.field_of(fault.pointer), fault.message)
    lacking = [gap.message for gap in view.gaps[section] if "is not confirmed" not in gap.message]
    if lacking:
        errors.setdefault(typed.first_field(section), ". ".join(lacking))
    return errors


def _section_page(
    door: Door, application_id: UUID, section: Section, errors: Mapping[str, str], more: int = 0
) -> Answer:
    view = door.view(application_id)
    if view.application.state is not ApplicationState.DRAFT:
        return door.asking.go(f"/apply/{application_id}")
    return door.form(
        "section",
        typed.values_of(section, view.application),
        errors,
        view=view,
        section=section,
        title=typed.TITLES[section],
        rows=typed.rows_of(section, view.application, more),
        homes=typed.homes_of(view.application),
        kinds=kinds_of(section),
        files=views.papers_of(view.application, section),
        gaps=view.gaps[section],
        catalogue=lots.catalogue(),
        words=typed.CHOICES,
        action=f"/apply/{application_id}/{_slugs()[section]}",
        uploads=section in WITH_PAPERS,
    )


# Homes -------------------------------------------------------------------------------------------------------------


@page("/apply/{application_id:uuid}/homes")
def show_homes(request: Ask, application_id: FromPath[UUID]) -> Answer:
    """List the homes described so far.

    The address of one home below it keeps the router from finding this one among the other sections.
    """
    return _section_page(door_of(request, application_id), application_id, Section.HOMES, {})


@page("/apply/{application_id:uuid}/homes/{key:str}")
def show_home(request: Ask, application_id: FromPath[UUID], key: FromPath[str]) -> Answer:
    """Show one home with its rooms, or an empty form for another."""
    return _home_page(door_of(request, application_id), application_id, key, {}, {})


@form("/apply/{application_id:uuid}/homes/{key:str}")
def save_home(
    request: Ask, application_id: FromPath[UUID], key: FromPath[str], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Keep one home, or take it away."""
    door = door_of(request, application_id)
    view = door.view(application_id)
    homes = typed.homes_of(view.application)
    key = typed.new_key(homes) if key == "new" else key
    wish = typed.text(data, "go")
    kept = [home for home in homes if home["key"] != key]
    place = next((n for n, home in enumerate(homes) if home["key"] == key), len(kept))
    if wish != "remove":
        kept.insert(place, typed.home_of(key, data))
    with door.asking.house.desk.work(door.actor) as work:
        flow.save_section(work, application_id, Section.HOMES, {"homes": kept})
    if wish == "remove":
        return door.asking.go(f"/apply/{application_id}/homes", "The home is taken off your application")
    if wish == "add":
        return _home_page(door, application_id, key, {}, {}, more=1)
    at = f"/homes/{place}/"
    view = door.view(application_id)
    errors = {
        typed.field_of("/" + fault.pointer.removeprefix(at)): fault.message
        for fault in view.found.faults[Section.HOMES]
        if fault.pointer.startswith(at)
    }
    if errors and wish != "later":
        return _home_page(door, application_id, key, {}, errors)
    return door.asking.go(f"/apply/{application_id}/homes", "The home is saved")


def _home_page(
    door: Door, application_id: UUID, key: str, values: Data, errors: Mapping[str, str], more: int = 0
) -> Answer:
    view = door.view(application_id)
    if view.application.state is not ApplicationState.DRAFT:
        return door.asking.go(f"/apply/{application_id}")
    home = next((one for one in typed.homes_of(view.application) if one["key"] == key), None)
    if home is None and key != "new":
        raise NotFoundException
    return door.form(
        "home",
        typed.home_values(home or {}) | dict(values),
        errors,
        view=view,
        key=key,
        rooms=typed.room_count(home or {}, more),
        words=typed.CHOICES,
    )


# Mobiles -----------------------------------------------------------------------------------------------------------


@page("/apply/{application_id:uuid}/mobiles/{place:int}")
def show_mobile(request: Ask, application_id: FromPath[UUID], place: FromPath[int]) -> Answer:
    """Ask for the code of a contact's mobile; looking sends none."""
    return _mobile(door_of(request, application_id), application_id, place, {}, sent=False)


@form("/apply/{application_id:uuid}/mobiles/{place:int}")
def confirm_mobile(
    request: Ask, application_id: FromPath[UUID], place: FromPath[int], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Send a code to a contact's mobile, or take it back."""
    door = door_of(request, application_id)
    mobile = _contact(door.view(application_id), place).mobile
    try:
        if typed.text(data, "go") == "send":
            with door.asking.house.desk.work(door.actor) as work:
                flow.send_mobile_code(work, application_id, mobile)
            return _mobile(door, application_id, place, {}, sent=True)
        code = typed.digits(data.get("code"))
        flow.confirm_mobile(door.asking.house.desk, door.actor, application_id, mobile, code)
    except (CodeNotRight, CodesUsedUp) as refusal:
        return _mobile(door, application_id, place, door.asking.refused_in(refusal), sent=True)
    waiting = _unconfirmed(door.view(application_id))
    onward = f"/apply/{application_id}/mobiles/{waiting[0]}" if waiting else f"/apply/{application_id}"
    return door.asking.go(onward, f"The mobile {mobile} is confirmed")


def _mobile(door: Door, application_id: UUID, place: int, errors: Mapping[str, str], *, sent: bool) -> Answer:
    view = door.view(application_id)
    contact = _contact(view, place)
    return door.form("mobile", {}, errors, view=view, contact=contact, place=place, sent=sent)


def _contact(view: ApplyingView, place: int) -> Any:
    contacts = view.found.joining.contacts
    if view.application.state is not ApplicationState.DRAFT or not 0 <= place < len(contacts):
        raise NotFoundException
    return contacts[place]


def _unconfirmed(view: ApplyingView) -> list[int]:
    contacts = enumerate(view.found.joining.contacts)
    return [place for place, one in contacts if one.mobile not in view.application.confirmed]


# Check, submit, and after ------------------------------------------------------------------------------------------


@page("/apply/{application_id:uuid}/check")
def show_check(request: Ask, application_id: FromPath[UUID]) -> Answer:
    """Show every answer once more, with what is still lacking."""
    return _check(door_of(request, application_id), application_id, {})


@form("/apply/{application_id:uuid}/check")
def submit_application(request: Ask, application_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Submit; the clock for the decision starts."""
    door = door_of(request, application_id)
    if "true" not in typed.many(data, "declare"):
        return _check(door, application_id, {"declare": "Confirm that what you say is true"})
    try:
        with door.asking.house.desk.work(door.actor) as work:
            flow.submit_application(work, application_id)
    except (ApplicationIncomplete, NotValid):
        return _check(door, application_id, {"": "Something is still missing or wrong. See the sections below"})
    return door.asking.go(f"/apply/{application_id}", "Your application is submitted")


@page("/apply/{application_id:uuid}/withdraw")
def show_withdraw(request: Ask, application_id: FromPath[UUID]) -> Answer:
    """Ask whether the application is really to be taken back."""
    door = door_of(request, application_id)
    return door.show("withdraw", view=door.view(application_id))


@form("/apply/{application_id:uuid}/withdraw")
def withdraw_application(request: Ask, application_id: FromPath[UUID]) -> Answer:
    """Take the application back."""
    door = door_of(request, application_id)
    with door.asking.house.desk.work(door.actor) as work:
        flow.withdraw_application(work, application_id)
    return door.asking.go(f"/apply/{application_id}", "Your application is withdrawn")


@form("/apply/{application_id:uuid}/again")
def apply_again(request: Ask, application_id: FromPath[UUID]) -> Answer:
    """Begin anew with the answers of before."""
    door = door_of(request, application_id)
    with door.asking.house.desk.work(door.actor) as work:
        made = flow.apply_again(work, application_id)
    return door.asking.go(f"/apply/{made}", "Your answers are copied. Change what was missing, then submit")


def _check(door: Door, application_id: UUID, errors: Mapping[str, str]) -> Answer:
    view = door.view(application_id)
    if view.application.state is not ApplicationState.DRAFT:
        return door.asking.go(f"/apply/{application_id}")
    return door.form(
        "check",
        {},
        errors,
        view=view,
        titles=typed.TITLES,
        slugs=_slugs(),
        catalogue=lots.catalogue(),
        kinds=lots.kinds_by_key(),
        words=typed.CHOICES,
    )


def _section(slug: str) -> Section:
    if slug not in SLUGS:
        raise NotFoundException
    return SLUGS[slug]


def _slugs() -> dict[Section, str]:
    """Give the end of each section's address."""
    return {section: ("papers/" if section in WITH_PAPERS else "") + slug for slug, section in SLUGS.items()}


HANDLERS = (
    apply_as_provider,
    leave,
    show_tasks,
    show_section,
    show_papers,
    save_section,
    save_papers,
    show_homes,
    show_home,
    save_home,
    show_mobile,
    confirm_mobile,
    show_check,
    submit_application,
    show_withdraw,
    withdraw_application,
    apply_again,
)
"""Behind `check_door`: each form carries the mark of whoever came in."""

OPEN_HANDLERS = (show_start, send_link, show_link, send_link_code, show_link_again, enter)
