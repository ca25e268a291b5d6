"""How the web says no: one table from refusal to status and slug; the words are in templates/problems/words.toml.

People get a page: what happened, what it means, what to do next. Systems get RFC 9457 problem+json.
"""

from __future__ import annotations

import json
import logging
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from jinja2 import Environment
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.response import Redirect
from sqlalchemy import exc as database

from brokerage.competitions import errors as competition
from brokerage.equality import errors as equality
from brokerage.people import errors as people
from brokerage.reading import Fault, NotValid
from brokerage.referrals import errors as referral
from brokerage.standing import errors as standing
from brokerage.web.pages import templates_dir
from lots import errors as lots
from matrix.errors import CaseNotValid
from notifications import errors as notifications
from placements import errors as placements

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class FormExpired(Exception):
    """The form came back without the mark of the session it was shown in."""


@dataclass(eq=False)
class RequestDiffers(Exception):
    """An Idempotency-Key came back with other content."""


@dataclass(eq=False)
class TooLarge(Exception):
    """The body is larger than any form or request of ours."""


@dataclass(eq=False)
class NotJson(Exception):
    """The body is not JSON of the described shape."""

    detail: str


class NoPdfHere(Exception):
    """This installation cannot make PDFs; the page can be printed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a refusal is on the web; `field` is the entry it is about, where there is one."""

    status: int
    slug: str
    field: str = ""


KINDS: Final[Mapping[type[Exception], Kind]] = {
    NotValid: Kind(422, "not-valid"),
    CaseNotValid: Kind(422, "not-valid"),
    FormExpired: Kind(403, "form-expired"),
    RequestDiffers: Kind(409, "request-differs"),
    TooLarge: Kind(413, "too-large"),
    NotJson: Kind(400, "not-json"),
    NoPdfHere: Kind(404, "no-pdf-here"),
    people.NotSignedIn: Kind(401, "not-signed-in"),
    people.NotAllowed: Kind(403, "not-allowed"),
    people.KeyNotKnown: Kind(422, "key-not-known", "key"),
    people.NoSuchAuthority: Kind(404, "no-such-authority"),
    people.NoSuchFeed: Kind(404, "no-such-feed"),
    people.NoKeeper: Kind(409, "no-keeper"),
    people.ProofNeeded: Kind(403, "proof-needed"),
    people.TooManyTries: Kind(429, "too-many-tries"),
    people.SignInFailed: Kind(422, "sign-in-failed", "email"),
    people.CodeNotRight: Kind(422, "code-not-right", "code"),
    people.LinkOver: Kind(410, "link-over"),
    people.PasswordTooEasy: Kind(422, "password-too-easy", "password"),
    people.NoSuchPerson: Kind(404, "no-such-person"),
    people.NoSuchSession: Kind(404, "no-such-session"),
    people.NotYourself: Kind(403, "not-yourself"),
    people.RolesUnfit: Kind(422, "roles-unfit", "roles"),
    people.EmailTaken: Kind(422, "email-taken", "email"),
    people.LimitUnfit: Kind(422, "limit-unfit", "weekly_limit"),
    people.NotInvited: Kind(403, "not-invited"),
    people.ServiceFailed: Kind(502, "service-failed"),
    people.NoCodeAddress: Kind(409, "no-code-address"),
    referral.NoSuchReferral: Kind(404, "no-such-referral"),
    referral.NotNow: Kind(409, "referral-not-now"),
    referral.NotEligible: Kind(422, "not-eligible"),
    referral.SightNeedsReason: Kind(403, "sight-needs-reason"),
    referral.AlreadyShared: Kind(409, "already-shared", "with_authority"),
    referral.NoSuchShare: Kind(404, "no-such-share"),
    referral.AlreadyInMarket: Kind(409, "already-in-market"),
    referral.IdentityWouldShow: Kind(422, "identity-would-show"),
    competition.NoSuchCompetition: Kind(404, "no-such-competition"),
    competition.NoSuchInvitation: Kind(404, "no-such-invitation"),
    competition.NoSuchAward: Kind(404, "no-such-award"),
    competition.NotNow: Kind(409, "competition-not-now"),
    competition.NobodyEligible: Kind(409, "nobody-eligible"),
    competition.NotInParts: Kind(422, "not-in-parts", "parts"),
    competition.PartRuns: Kind(409, "part-runs"),
    competition.NotOpenYet: Kind(409, "not-open-yet"),
    competition.BidTooLate: Kind(409, "bid-too-late"),
    competition.WindowOver: Kind(409, "window-over"),
    competition.CompetitionCancelled: Kind(410, "competition-cancelled"),
    competition.OverTendered: Kind(422, "over-tendered", "price"),
    competition.NothingToWithdraw: Kind(409, "nothing-to-withdraw"),
    competition.CodeNeeded: Kind(422, "code-needed", "code"),
    competition.CodeWrong: Kind(422, "code-wrong", "code"),
    competition.TooManyCodes: Kind(429, "too-many-codes"),
    competition.StillSealed: Kind(409, "still-sealed"),
    competition.BeingOpened: Kind(409, "being-opened"),
    competition.AlreadyOpened: Kind(409, "already-opened"),
    competition.WrongKey: Kind(409, "wrong-key"),
    competition.SealBroken: Kind(409, "seal-broken"),
    competition.NoSuchBid: Kind(422, "no-such-bid", "bid_id"),
    competition.NotEvaluated: Kind(409, "not-evaluated"),
    competition.ReasonNeeded: Kind(422, "reason-needed", "reason"),
    competition.AlreadyAwarded: Kind(409, "already-awarded"),
    competition.OutOfStanding: Kind(409, "out-of-standing"),
    competition.SamePerson: Kind(403, "same-person"),
    competition.FundingNotOpen: Kind(409, "funding-not-open"),
    competition.AlreadySupported: Kind(409, "already-supported"),
    competition.NotFunded: Kind(409, "not-funded"),
    competition.NotLater: Kind(422, "not-later", "closes_at"),
    competition.TooFar: Kind(422, "too-far", "closes_at"),
    competition.NothingToDecide: Kind(409, "nothing-to-decide"),
    competition.AlreadyFollowed: Kind(409, "already-followed"),
    competition.NoWiderCategory: Kind(422, "no-wider-category", "category"),
    competition.NoSuchQuestion: Kind(404, "no-such-question"),
    competition.TooManyQuestions: Kind(429, "too-many-questions", "text"),
    competition.NoSuchDifference: Kind(404, "no-such-difference"),
    competition.DifferenceOpen: Kind(409, "difference-open"),
    competition.DifferenceNeedless: Kind(422, "difference-needless", "price"),
    competition.DifferenceDecided: Kind(409, "difference-decided"),
    competition.OwnDifference: Kind(403, "own-difference"),
    competition.OthersDifference: Kind(403, "others-difference"),
    competition.NotBespoke: Kind(409, "not-bespoke"),
    competition.NothingOffered: Kind(409, "nothing-offered"),
    competition.NoSuchRound: Kind(404, "no-such-round"),
    competition.RoundOpen: Kind(409, "round-open"),
    competition.RoundDecided: Kind(409, "round-decided"),
    competition.OwnRound: Kind(403, "own-round"),
    competition.OthersRound: Kind(403, "others-round"),
    competition.AlreadyAnswered: Kind(409, "already-answered"),
    placements.NoSuchAgreement: Kind(404, "no-such-agreement"),
    placements.NoSuchReview: Kind(404, "no-such-review"),
    placements.AlreadyAgreed: Kind(409, "already-agreed"),
    placements.NotInStanding: Kind(409, "not-in-standing"),
    placements.NotNow: Kind(409, "placement-not-now"),
    placements.ReviewNotDueYet: Kind(409, "review-not-due"),
    placements.EndsBeforeStart: Kind(422, "ends-before-start", "ends_on"),
    placements.StartsTooEarly: Kind(422, "starts-too-early", "starts_on"),
    placements.TooShort: Kind(422, "too-short", "ends_on"),
    placements.TooLong: Kind(422, "too-long", "ends_on"),
    placements.TooManyNights: Kind(422, "too-many-nights", "ends_on"),
    placements.EndsAfter18: Kind(422, "ends-after-18", "ends_on"),
    placements.NotIntroduced: Kind(422, "not-introduced", "met_on"),
    placements.SupportApart: Kind(422, "support-apart", "apart_reason"),
    placements.MetAfterStart: Kind(422, "met-after-start", "met_on"),
    placements.WaiverOutsideEmergency: Kind(422, "waiver-outside-emergency", "waiver_reason"),
    placements.WaiverReasonTooShort: Kind(422, "waiver-reason-too-short", "waiver_reason"),
    placements.AgreementOver: Kind(409, "agreement-over"),
    placements.NoSuchReason: Kind(422, "no-such-reason", "reason"),
    placements.OutsideStay: Kind(422, "outside-stay", "on"),
    placements.StillToCome: Kind(422, "still-to-come", "on"),
    placements.AlreadyAccepted: Kind(409, "already-accepted"),
    placements.NotItsDay: Kind(409, "not-its-day"),
    placements.NoSuchVariation: Kind(404, "no-such-variation"),
    placements.VariationOpen: Kind(409, "variation-open"),
    placements.ChangesNothing: Kind(422, "changes-nothing", "hours"),
    placements.OutOfOrder: Kind(409, "out-of-order", "effective_on"),
    placements.NewEndTooEarly: Kind(422, "new-end-too-early", "ends_on"),
    placements.UnderNotice: Kind(409, "under-notice"),
    placements.AboveLimit: Kind(422, "above-limit", "price"),
    placements.MoreThanBespoke: Kind(422, "more-than-bespoke", "hours"),
    placements.NoHoursHere: Kind(422, "no-hours-here", "hours"),
    placements.DifferenceNeeded: Kind(422, "difference-needed", "reason"),
    placements.OwnProposal: Kind(403, "own-proposal"),
    placements.OthersProposal: Kind(403, "others-proposal"),
    placements.SameHand: Kind(403, "same-hand"),
    placements.ReviewersMissing: Kind(422, "reviewers-missing", "attendance"),
    placements.OutcomesDiffer: Kind(422, "outcomes-differ", "progress"),
    placements.NoticeNotPossible: Kind(422, "notice-not-possible", "reason"),
    placements.OptionsNotExplored: Kind(422, "options-not-explored", "options"),
    placements.EndsSooner: Kind(409, "ends-sooner"),
    placements.NotTheLastDay: Kind(422, "not-the-last-day", "ended_on"),
    placements.NoticeNeeded: Kind(409, "notice-needed", "reason"),
    placements.TimesheetUnreadable: Kind(422, "timesheet-unreadable", "file"),
    placements.NothingToSign: Kind(409, "nothing-to-sign"),
    placements.AboveCommissioned: Kind(422, "above-commissioned", "reason"),
    placements.NoSuchLink: Kind(404, "no-such-link"),
    placements.LinkOver: Kind(410, "hours-link-over"),
    placements.HoursChanged: Kind(409, "hours-changed"),
    placements.NoSuchConcern: Kind(404, "no-such-concern"),
    placements.AlreadyAcknowledged: Kind(409, "already-acknowledged"),
    placements.NotAgreedYet: Kind(404, "not-agreed-yet"),
    placements.NoSuchMeeting: Kind(404, "no-such-meeting"),
    placements.MeetingRecorded: Kind(409, "meeting-recorded"),
    placements.MeetingInThePast: Kind(422, "meeting-in-the-past", "on"),
    placements.AlreadyReleased: Kind(409, "already-released"),
    placements.NotAcceptedByBoth: Kind(409, "not-accepted-by-both"),
    placements.ReleaseReasonTooShort: Kind(422, "release-reason-too-short", "reason"),
    placements.NoInformationDue: Kind(409, "no-information-due"),
    placements.AlreadyShared: Kind(409, "information-shared"),
    lots.NoSuchProvider: Kind(404, "no-such-provider"),
    lots.ProviderAlreadyAdmitted: Kind(409, "provider-already-admitted"),
    lots.OverlappingRegistration: Kind(409, "overlapping-registration"),
    lots.RegistrationOfAnother: Kind(422, "registration-of-another"),
    lots.NoSuchEntry: Kind(404, "no-such-entry"),
    lots.NotNow: Kind(409, "register-not-now"),
    lots.ReasonMissing: Kind(422, "reason-missing", "reason"),
    lots.ApplicationOpenAlready: Kind(409, "application-open-already"),
    lots.ApplicationIncomplete: Kind(422, "application-incomplete"),
    lots.FindingsNotWhole: Kind(422, "findings-not-whole"),
    lots.DecisionAgainstFindings: Kind(409, "decision-against-findings"),
    lots.AlreadyExtended: Kind(409, "already-extended"),
    lots.UrnOfAnother: Kind(409, "urn-of-another"),
    lots.LinkNotUsable: Kind(404, "apply-link-not-usable"),
    lots.CodeNotRight: Kind(422, "apply-code-not-right", "code"),
    lots.CodesUsedUp: Kind(429, "apply-codes-used-up", "code"),
    lots.DocumentUnfit: Kind(422, "document-unfit", "file"),
    lots.SuspensionOver: Kind(409, "suspension-over"),
    lots.AlreadyRemoved: Kind(409, "already-removed"),
    lots.NoSuchEvidenceKind: Kind(422, "no-such-evidence", "kind"),
    lots.WrongHolder: Kind(422, "wrong-holder", "property_id"),
    lots.EvidenceTooOld: Kind(422, "evidence-too-old", "valid_to"),
    lots.OverlappingCeiling: Kind(409, "overlapping-ceiling"),
    lots.OverCeiling: Kind(409, "over-ceiling"),
    lots.UpliftTooSoon: Kind(422, "uplift-too-soon", "starts_on"),
    lots.ConsentTooLate: Kind(409, "consent-too-late"),
    lots.SharesAbove100: Kind(422, "shares-above-100", "share"),
    lots.BedTaken: Kind(409, "bed-taken"),
    lots.HomeNotFit: Kind(409, "home-not-fit"),
    lots.BelongsToAnother: Kind(422, "belongs-to-another"),
    lots.NotInStandingTonight: Kind(409, "not-in-standing-tonight"),
    lots.KeptElsewhere: Kind(403, "kept-elsewhere"),
    lots.ConsultationTooShort: Kind(422, "consultation-too-short", "answer_by"),
    lots.ConsultationRuns: Kind(409, "consultation-runs"),
    lots.ConsultationOver: Kind(409, "consultation-over"),
    lots.OwnChange: Kind(403, "own-change"),
    standing.NothingLost: Kind(409, "nothing-lost"),
    equality.ConsentMissing: Kind(422, "consent-missing", "consent"),
    equality.NothingGiven: Kind(404, "nothing-given"),
    notifications.UnknownMessage: Kind(404, "no-such-message"),
    notifications.NotGenuine: Kind(403, "not-genuine"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal in words."""

    title: str
    happened: str
    meaning: str
    next_steps: tuple[str, ...]


@cache
def word_book() -> Mapping[str, Mapping[str, Any]]:
    """Read the words of every problem once a process."""
    return tomllib.loads((templates_dir() / "problems" / "words.toml").read_text(encoding="utf-8"))


def kind_of(refusal: Exception) -> Kind | None:
    return KINDS.get(type(refusal))


def facts_of(refusal: Exception) -> dict[str, Any]:
    """Give the facts that a refusal carries, by name."""
    if not is_dataclass(refusal):
        return {}
    return {field.name: getattr(refusal, field.name) for field in fields(refusal)}


def words_of(env: Environment, slug: str, facts: Mapping[str, Any]) -> Words:
    """Say a problem in words, with its facts in place. Slugs without words fail at the first test."""
    book = word_book()[slug]

    def say(text: str) -> str:
        # Plain text here; the page's own template escapes it.
        return env.overlay(autoescape=False).from_string(text).render(facts)

    return Words(say(book["title"]), say(book["happened"]), say(book["meaning"]), tuple(map(say, book["next"])))


def in_field(env: Environment, refusal: Exception) -> tuple[str, str] | None:
    """Give field and message of a refusal that is about one entry of a form, so that the form can show it there."""
    kind = kind_of(refusal)
    if kind is None or not kind.field:
        return None
    name = kind.field
    if isinstance(refusal, competition.OverTendered):
        name = {"accommodation": "accommodation_weekly", "support": "support_hourly"}[refusal.item]
    if isinstance(refusal, lots.ConsultationTooShort):
        name = refusal.day
    words = words_of(env, kind.slug, facts_of(refusal))
    return name, f"{words.title}. {words.happened}"


def problem_json(env: Environment, public_url: str, refusal: Exception, kind: Kind) -> dict[str, Any]:
    """Write a refusal as RFC 9457 problem+json, its facts as members of their own."""
    facts = facts_of(refusal)
    words = words_of(env, kind.slug, facts)
    body: dict[str, Any] = {
        "type": f"{public_url}/problems/{kind.slug}",
        "title": words.title,
        "status": kind.status,
        "detail": words.happened,
    }
    if isinstance(refusal, NotValid | CaseNotValid):
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.message} for fault in refusal.faults]
        return body
    if field := in_field(env, refusal):
        body["errors"] = [{"pointer": f"/{field[0]}", "detail": words.happened}]
    return body | {name: plain(value) for name, value in facts.items() if name not in body}


def plain(value: Any) -> Any:
    """Give a value as JSON knows it: instants in UTC, money and ids as text."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID | date | time | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def from_litestar(error: Exception) -> Exception:
    """Turn the framework's own refusals of a request into ours."""
    if isinstance(error, ValidationException):
        extra = error.extra if isinstance(error.extra, list) else []
        faults = tuple(_fault(one) for one in extra if isinstance(one, dict))
        return NotValid(faults or (Fault("", error.detail),))
    if isinstance(error, HTTPException) and error.status_code == 413:
        return TooLarge()
    if isinstance(error, ClientException) and error.status_code == 400:
        return NotJson(error.detail)
    return error


def _fault(one: Mapping[str, Any]) -> Fault:
    key, message = str(one.get("key", "")), str(one.get("message", ""))
    if key in {"data", ""}:
        key = ""
        if message.startswith("Object contains unknown field `"):
            name = message.split("`")[1]
            return Fault(f"/{name}", f"There is no field called {name} here")
        if message.startswith("Object missing required field `"):
            name = message.split("`")[1]
            return Fault(f"/{name}", f"{name} is missing")
    pointer = "".join(f"/{part}" for part in key.replace("[", ".").replace("]", "").split(".") if part)
    return Fault(pointer, message)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Say whether a person's browser asks, and not a system."""
    if request.url.path.startswith(("/api/", "/webhooks/")):
        return False
    return "text/html" in request.headers.get("accept", "")


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer a refusal or a fault, in the asker's own form. The one exception handler of the application."""
    house = request.app.state.house
    error = from_litestar(error)
    kind, reference = kind_of(error), ""
    if isinstance(error, NotFoundException):
        kind = Kind(404, "no-such-page")
    elif isinstance(error, MethodNotAllowedException):
        kind = Kind(405, "no-such-method")
    elif (unanswered := _unanswered(error)) is not None:
        kind = unanswered
        _log.warning("the database did not answer (%s): %s", kind.slug, type(error).__name__)
    elif kind is None:
        kind, reference = Kind(500, "fault"), secrets.token_hex(4).upper()
        # The error's text may hold what was typed; the log gets its kind and place only.
        _log.error("fault %s: %s at %s", reference, type(error).__name__, _place(error))
    wait = getattr(error, "retry_after", 1 if kind.status == 503 else None)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    if not wants_page(request):
        body = problem_json(house.env, house.settings.public_url, error, kind)
        if reference:
            body["reference"] = reference
        return Response(
            json.dumps(body, ensure_ascii=False),
            status_code=kind.status,
            media_type="application/problem+json",
            headers=headers | ({"WWW-Authenticate": "Bearer"} if kind.status == 401 else {}),
        )
    if isinstance(error, referral.SightNeedsReason) and request.method == "GET":
        return Redirect(f"/referrals/{error.referral_id}/reason?next={quote(request.url.path)}", status_code=303)
    page: Response[Any] = house.problem_page(
        request, words_of(house.env, kind.slug, facts_of(error)), kind, reference, headers
    )
    return page


def _unanswered(error: Exception) -> Kind | None:
    """Tell a database that is busy or away, where nothing was changed, from one that was lost in the middle."""
    if isinstance(error, database.DBAPIError) and error.connection_invalidated:
        return Kind(503, "cut-off")
    if isinstance(error, database.TimeoutError | database.OperationalError):
        return Kind(503, "busy")
    return None


def _place(error: Exception) -> str:
    trace = error.__traceback__
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return " < ".join(reversed(places[-6:]))
