"""Every template, in its worst case and in any case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from notifications import wording as words
from notifications.errors import NoWording, WordingUnfit
from notifications.model import Medium
from notifications.rules import Encoding, one_segment, segments
from notifications.wording import SAMPLES, Wording

DIRECTORY = Path(__file__).parents[3] / "templates" / "messages"
WORDING = words.load(DIRECTORY)
EVERY = list(WORDING)


def of(**templates: str) -> Wording:
    named = {name.replace("__", ".") + ".txt": source for name, source in templates.items()}
    return Wording(Environment(loader=DictLoader(named), undefined=StrictUndefined))


def problems(wording: Wording) -> str:
    with pytest.raises(WordingUnfit) as refusal:
        words.check(wording)
    return "\n".join(p for p in refusal.value.problems if "no template" not in p)


def test_every_kind_has_words() -> None:
    assert {kind for kind, _ in EVERY} == set(SAMPLES)


@pytest.mark.parametrize(("kind", "medium"), EVERY)
def test_a_template_renders_with_its_sample(kind: str, medium: Medium) -> None:
    written = WORDING.write(kind, medium, SAMPLES[kind])
    assert (written.subject is not None) == (medium is Medium.EMAIL)
    assert "{" not in written.body and "\n\n\n" not in written.body
    if medium is Medium.SMS:
        assert one_segment(written.body)
    if "link" in WORDING.variables(kind, medium):
        assert SAMPLES[kind]["link"] in written.body


@pytest.mark.parametrize(("kind", "medium"), EVERY)
def test_the_words_are_ours(kind: str, medium: Medium) -> None:
    written = WORDING.write(kind, medium, SAMPLES[kind])
    said = f"{written.subject or ''} {written.body}"
    assert not re.search(r"\b(auction|bid|bids|bidding|bidder|lot|rank\w*|win\w*|lowest|price war)\b", said, re.I)
    # Twilio takes these as the whole answer for opting in or out: never ask for one.
    assert not re.search(r"\b(STOP|END|CANCEL|QUIT|YES|START)\b", said)


@pytest.mark.parametrize(("kind", "medium"), EVERY)
def test_no_template_has_a_way_for_who_the_young_person_is(kind: str, medium: Medium) -> None:
    used = WORDING.variables(kind, medium) - {"category_name"}
    assert not [v for v in used if re.search(r"name|birth|address|initial|school|postcode|reason|note", v)]


@pytest.mark.parametrize(("kind", "medium"), EVERY)
def test_a_missing_parameter_is_an_error_and_not_a_gap(kind: str, medium: Medium) -> None:
    for missing in WORDING.variables(kind, medium):
        rest = {key: value for key, value in SAMPLES[kind].items() if key != missing}
        with pytest.raises(UndefinedError):
            WORDING.write(kind, medium, rest)


@given(st.sampled_from(EVERY), st.data())
def test_whatever_the_parameters_hold_a_text_is_gsm_and_a_subject_one_line(
    which: tuple[str, Medium], data: st.DataObject
) -> None:
    kind, medium = which
    params = {key: data.draw(st.text(max_size=30), label=key) for key in SAMPLES[kind]}
    written = WORDING.write(kind, medium, params)
    if medium is Medium.SMS:
        assert segments(written.body).encoding is Encoding.GSM7
        assert "\n" not in written.body
    else:
        assert written.subject is not None
        assert len(written.subject.splitlines()) == 1


@pytest.mark.parametrize(
    ("offers", "subject", "line"),
    [
        ("0", "R-XLC3QK-A has closed: no offers", "Nobody made an offer"),
        ("1", "R-XLC3QK-A has closed: 1 offer", "There is 1 offer to open"),
        ("7", "R-XLC3QK-A has closed: 7 offers", "There are 7 offers to open"),
    ],
)
def test_a_close_says_how_many_offers_there_are(offers: str, subject: str, line: str) -> None:
    params = {**SAMPLES["competition_closed"], "offers": offers}
    written = WORDING.write("competition_closed", Medium.EMAIL, params)
    assert written.subject == subject
    assert line in written.body


def test_text_is_not_escaped_as_if_it_were_html() -> None:
    params = {**SAMPLES["referral_cancelled"], "council": 'Derby & "Derbyshire"\'s'}
    assert 'Derby & "Derbyshire"\'s' in WORDING.write("referral_cancelled", Medium.EMAIL, params).body


def test_a_kind_without_words_is_refused() -> None:
    with pytest.raises(NoWording):
        WORDING.write("code", Medium.EMAIL, SAMPLES["code"])
    with pytest.raises(NoWording):
        WORDING.write("greeting", Medium.SMS, {})


def test_the_check_refuses_a_text_of_two_segments() -> None:
    assert "in 2 segments" in problems(of(code__sms="{{ code }} " + "a" * 160))


def test_the_check_refuses_a_link_that_is_not_last() -> None:
    assert "the link is not last" in problems(of(invitation__sms="{{ link }} is the link"))


def test_the_check_refuses_a_parameter_that_is_not_in_the_sample() -> None:
    assert "unknown parameters given_name" in problems(of(code__sms="{{ code }} for {{ given_name }}"))


def test_the_check_refuses_a_kind_without_a_sample() -> None:
    assert "greeting.sms: no sample" in problems(of(greeting__sms="Hello"))


def test_the_check_names_kinds_without_words() -> None:
    with pytest.raises(WordingUnfit) as refusal:
        words.check(of(code__sms="{{ code }}"))
    assert "invitation: no template" in refusal.value.problems


def test_an_email_without_a_subject_is_refused() -> None:
    with pytest.raises(WordingUnfit):
        of(invitation__email="Hello\n")
    assert "an empty subject" in problems(of(invitation__email="Subject: \nHello\n"))
