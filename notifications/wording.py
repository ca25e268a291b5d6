"""From kind and parameters to words. The words themselves are in `templates/messages`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, meta, select_autoescape

from notifications.errors import NoWording, WordingUnfit
from notifications.model import Medium
from notifications.rules import folded, one_segment, segments

_NAME: Final = re.compile(r"(?P<kind>[a-z_]+)\.(?P<medium>sms|email)\.txt")
_SUBJECT: Final = "Subject: "

# The longest each parameter is expected to be; `council_short` keeps texts to one segment where the name is long.
_COMMON: Final = {
    "council": "Nottinghamshire County Council",
    "council_short": "Nottinghamshire",
    "reference": "R-XLC3QK-A",
}
_LINK: Final = {"link": "https://dps.nottinghamshire.gov.uk/b/lfgtbwYqu_mfufBDlfgtbw"}
_DECIDE: Final = {"decide_by": "30 September 2027"}
_CLOSES: Final = {"closes": "12:42pm GMT Wed 21 Nov"}

SAMPLES: Final[Mapping[str, Mapping[str, str]]] = {
    "invitation": _COMMON
    | _LINK
    | _CLOSES
    | {
        "urgency": "Standard",
        "age_band": "16-17",
        "category": "2.3",
        "category_name": "Supported accommodation in shared housing",
        "hours": "24.75",
        "package": "bespoke",
        "asked": "167.75h/wk",
        "wanted": "accommodation; support by another offer, of yours or of another provider",
        "area": "NG19",
    },
    "code": _COMMON | {"code": "305816"},
    "competition_closed": _COMMON | _LINK | _CLOSES | {"offers": "12"},
    "outcome_awarded": _COMMON | _LINK,
    "outcome_not_awarded": _COMMON
    | _LINK
    | {"scores": "Price: 32.50 of 40\nQuality: 41.00 of 50\nSocial value: 6.00 of 10\nTotal: 79.50 of 100"},
    "funding_needed": _COMMON | _LINK | {"weekly_cost": "\u00a31,612.50"},
    "funding_refused": _COMMON | _LINK,
    "seal_broken": _COMMON | _LINK,
    "agreement_opened": _COMMON
    | _LINK
    | {
        "agreement": "A-20417",
        "starts_on": "Wednesday 25 November 2026",
        "first_review_on": "Wednesday 9 December 2026",
    },
    "agreement_accepted": _COMMON | _LINK | {"party": "provider", "state": "both"},
    "not_started": _COMMON | _LINK | {"starts_on": "Wednesday 25 November 2026", "why": "standing"},
    "identity_released": _COMMON | _LINK,
    "information_due": _COMMON | _LINK | {"due": "12:12pm GMT Wed 21 Nov"},
    "information_late": _COMMON | _LINK | {"due": "12:12pm GMT Wed 21 Nov"},
    "meeting_planned": _COMMON | _LINK | {"on": "Wednesday 25 November 2026", "what": "a visit to the home"},
    "review_planned": _COMMON | _LINK | {"due_on": "Wednesday 25 November 2026"},
    "review_due": _COMMON | _LINK | {"due_on": "Wednesday 25 November 2026"},
    "review_overdue": _COMMON | _LINK | {"due_on": "Wednesday 25 November 2026"},
    "review_escalated": _COMMON | _LINK | {"due_on": "Wednesday 25 November 2026"},
    "review_held": _COMMON | _LINK | {"held_on": "Wednesday 25 November 2026"},
    "eighteen_in_ninety_days": _COMMON | _LINK,
    "eighteen_in_thirty_days": _COMMON | _LINK,
    "last_night_allowed": _COMMON | _LINK,
    "difference_proposed": _COMMON | _LINK,
    "difference_answered": _COMMON | _LINK | {"state": "withdrawn"},
    "round_proposed": _COMMON | _LINK,
    "round_answered": _COMMON | _LINK | {"state": "withdrawn"},
    "variation_proposed": _COMMON | _LINK | {"effective_on": "Wednesday 25 November 2026"},
    "variation_funding": _COMMON | _LINK | {"weekly_cost": "\u00a31,612.50", "funded": "\u00a31,412.50"},
    "variation_dropped": _COMMON | _LINK | {"state": "withdrawn"},
    "agreement_varied": _COMMON
    | _LINK
    | {"effective_on": "Wednesday 25 November 2026", "ends_on": "Wednesday 25 November 2026"},
    "notice_given": _COMMON
    | _LINK
    | {"served_on": "Wednesday 25 November 2026", "last_on": "Wednesday 25 November 2026"},
    "agreement_ended": _COMMON | _LINK | {"ended_on": "Wednesday 25 November 2026"},
    "part_ends": _LINK
    | {
        "council": _COMMON["council"],
        "council_short": _COMMON["council_short"],
        "part": "accommodation",
        "other": "accommodation",
        "last_on": "Wednesday 25 November 2026",
    },
    "referral_cancelled": _COMMON,
    "question_asked": _COMMON | _LINK,
    "question_answered": _COMMON | _LINK | _CLOSES,
    "window_extended": _COMMON | _LINK | _CLOSES | {"closed_before": "12:12pm GMT Wed 21 Nov"},
    "outcome_none_suitable": _COMMON
    | _LINK
    | {"scores": "Price: 32.50 of 40\nQuality: 41.00 of 50\nSocial value: 6.00 of 10\nTotal: 79.50 of 100"},
    "reply_link": _COMMON | _LINK | _CLOSES,
    "reply_declined": _COMMON | _CLOSES,
    "reply_offer_stands": _COMMON,
    "reply_help": _COMMON,
    "placed_tonight": _COMMON | _LINK | {"until": "Wed 25 Nov", "due": "12:42pm GMT Wed 25 Nov"},
    "place_confirmed": _COMMON | {"until": "further notice", "due": "12:42pm GMT Wed 25 Nov"},
    "night_sheet": _COMMON | _LINK | {"ready": "112", "made": "5:00pm GMT Wed 25 Nov", "untested": "112"},
    "tests_overdue": _COMMON | _LINK | {"ready": "112", "made": "5:00pm GMT Wed 25 Nov", "untested": "112"},
    "hours_week": _COMMON
    | _LINK
    | {
        "week": "Wednesday 25 November 2026",
        "short": "10,000",
        "unsigned": "10,000",
        "unsigned_week": "Wednesday 25 November 2026",
        "shortest": "A-20417: 0 of 12 hours\nA-20418: 6.25 of 12 hours",
    },
    "hours_not_right": _COMMON | _LINK | {"week": "Wednesday 25 November 2026"},
    "concern_raised": _COMMON
    | _LINK
    | {
        "what": "Safeguarding concern",
        "told": "12:42pm GMT Wed 21 Nov",
        "late": "This was told later than the agreement asks for.",
    },
    "concern_escalated": _COMMON | _LINK | {"what": "Safeguarding concern", "told": "12:42pm GMT Wed 21 Nov"},
    "concern_acknowledged": _COMMON | _LINK | {"what": "Safeguarding concern"},
    "apply_link": _COMMON | _LINK,
    "apply_code": _COMMON | {"code": "305816"},
    "application_received": _COMMON | _DECIDE,
    "application_waiting": _COMMON | _LINK | _DECIDE,
    "application_extended": _COMMON | _DECIDE | {"because": "Two homes have to be looked at on the spot."},
    "application_admitted": _COMMON | {"categories": "1.1, 1.2, 1.3, 2.1, 2.2, 2.3"},
    "application_refused": _COMMON | _LINK | {"because": "- Two of your staff have no enhanced check."},
    "evidence_offered": _COMMON | _LINK,
    "evidence_decided": _COMMON | _LINK | {"outcome": "refused", "because": "The second page is missing."},
    "evidence_runs_out": _COMMON | _LINK | {"evidence": "Staff training", "ends_on": "30 September 2027"},
    "invitee_not_reached": _COMMON
    | _LINK
    | {
        "provider": "Supported Lives and Homes (East Midlands) Limited",
        "phone": "01632 960 123",
        "email": "placements@supported-lives.example",
        "medium": "email",
        "why": "wrong_address",
        "other": "waiting",
    },
    "set_up_link": _COMMON | {"link": "https://dps.nottinghamshire.gov.uk/set-up/lfgtbwYqu_mfufBDlfgtbwYqu_mfufBD"},
    "reset_link": _COMMON | {"link": "https://dps.nottinghamshire.gov.uk/set-up/lfgtbwYqu_mfufBDlfgtbwYqu_mfufBD"},
    "sign_in_link": _COMMON
    | {"link": "https://dps.nottinghamshire.gov.uk/sign-in/link/lfgtbwYqu_mfufBDlfgtbwYqu_mfufBD"},
    "sign_in_code": _COMMON | {"code": "305816"},
    "sign_in_changed": _COMMON | {"what": "Where your sign-in codes come from"},
    "provider_suspended": _COMMON
    | _LINK
    | {"starts_on": "Wednesday 25 November 2026", "ends_on": "Wednesday 9 December 2026"},
    "provider_removed": _COMMON | _LINK | {"removed_on": "Wednesday 25 November 2026"},
    "suspension_over": _COMMON | _LINK,
    "provider_readmitted": _COMMON | _LINK,
    "standing_lost": _COMMON
    | _LINK
    | {
        "provider": "Supported Lives and Homes (East Midlands) Limited",
        "cause": "suspended",
        "competitions": "12",
        "awards": "3",
        "agreements": "112",
    },
    "uplift_proposed": _COMMON | _LINK | {"category": "2.3", "percent": "12.50"},
    "uplift_decided": _COMMON | _LINK | {"accepted": ""},
    "subcontractor_named": _COMMON | _LINK | {"starts_on": "Wednesday 25 November 2026"},
    "subcontractor_decided": _COMMON | _LINK | {"consented": ""},
    "specification_proposed": _COMMON
    | _LINK
    | {"answer_by": "Wednesday 9 December 2026", "effective_on": "Wednesday 23 December 2026"},
    "specification_decided": _COMMON | _LINK | {"state": "authorised", "effective_on": "Wednesday 23 December 2026"},
}
"""Every kind with its worst case: the only parameters its templates may use (C16), as long as they are expected."""


@dataclass(frozen=True, slots=True)
class Written:
    """Finished words; `subject` for e-mail only."""

    subject: str | None
    body: str = field(repr=False)


class Wording:
    """The templates of an environment, read once. Names are `<kind>.sms.txt` and `<kind>.email.txt`."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._bodies: dict[tuple[str, Medium], Template] = {}
        self._subjects: dict[str, Template] = {}
        self._variables: dict[tuple[str, Medium], frozenset[str]] = {}
        for name in environment.list_templates():
            if found := _NAME.fullmatch(name):
                self._read(name, found["kind"], Medium(found["medium"]))

    def _read(self, name: str, kind: str, medium: Medium) -> None:
        loader = self._environment.loader
        if loader is None:
            raise TypeError("the environment has no loader")
        source = loader.get_source(self._environment, name)[0]
        self._variables[kind, medium] = frozenset(meta.find_undeclared_variables(self._environment.parse(source)))
        if medium is Medium.EMAIL:
            first, _, source = source.partition("\n")
            if not first.startswith(_SUBJECT):
                raise WordingUnfit((f"{name}: the first line is not 'Subject: ...'",))
            self._subjects[kind] = self._environment.from_string(first.removeprefix(_SUBJECT))
        self._bodies[kind, medium] = self._environment.from_string(source)

    def __iter__(self) -> Iterator[tuple[str, Medium]]:
        """Every kind and medium that has words."""
        return iter(sorted(self._bodies))

    def variables(self, kind: str, medium: Medium) -> frozenset[str]:
        """The parameters that a template uses."""
        return self._variables[kind, medium]

    def write(self, kind: str, medium: Medium, params: Mapping[str, str]) -> Written:
        """Write a message; a parameter it misses raises jinja2's `UndefinedError`, an unknown one is not used.

        A text is one line in GSM-7, whatever quotes and dashes its parameters came with.
        """
        template = self._bodies.get((kind, medium))
        if template is None:
            raise NoWording(kind, medium)
        body = template.render(params)
        if medium is Medium.SMS:
            return Written(None, folded(" ".join(body.split())))
        lines = "\n".join(line.rstrip() for line in body.splitlines())
        body = re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
        return Written(" ".join(self._subjects[kind].render(params).split()), body)


def load(directory: Path) -> Wording:
    """Read the templates in `directory` and check them; raise `WordingUnfit`."""
    environment = Environment(
        loader=FileSystemLoader(directory),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default_for_string=False),  # only HTML, and there is none here
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()  # no words need them, and each message would copy them
    wording = Wording(environment)
    check(wording)
    return wording


def check(wording: Wording) -> None:
    """Refuse templates that break a promise in the worst case (C15, C16), with `WordingUnfit`."""
    known = set(wording)
    problems = [f"{kind}: no template" for kind in SAMPLES if not any(kind == k for k, _ in known)]
    for kind, medium in wording:
        problems += [f"{kind}.{medium}: {problem}" for problem in _unfit(wording, kind, medium)]
    if problems:
        raise WordingUnfit(tuple(problems))


def _unfit(wording: Wording, kind: str, medium: Medium) -> Iterator[str]:
    sample = SAMPLES.get(kind)
    if sample is None:
        yield "no sample"
        return
    if strange := wording.variables(kind, medium) - set(sample):
        yield f"unknown parameters {', '.join(sorted(strange))}"
        return
    try:
        written = wording.write(kind, medium, sample)
    except TemplateError as fault:
        yield str(fault)
        return
    if medium is Medium.EMAIL and not written.subject:
        yield "an empty subject"
    if medium is Medium.SMS:
        if not one_segment(written.body):
            size = segments(written.body)
            yield f"{size.units} units of {size.encoding} in {size.count} segments, not one GSM-7 segment"
        if "link" in wording.variables(kind, medium) and not written.body.endswith(sample["link"]):
            yield "the link is not last"
