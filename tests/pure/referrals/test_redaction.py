"""What providers may read: no identifier of a young person, and everything else untouched (S7)."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from brokerage.referrals.rules.redaction import Known, leaks, redact, redact_all
from tests.pure.referrals.redaction_identities import PLAIN, STRUCTURED, bare, date_forms, knowns, plans

JAYDEN = Known(
    given_name="Jayden Lee",
    family_name="O'Brien-Smith",
    known_as="Jay",
    school="Allestree Woodlands School",
    relatives=("Sharon Smith (mother)", "uncle: Gareth"),
    address="12 Elm Road, Allestree, Derby DE22 2AB",
    date_of_birth=date(2009, 5, 1),
    nhs_number="943 476 5919",
    others=("Karen Whitfield", "LAC-12345"),
)
ROLES = (
    "[young person]", "[relative]", "[name]", "[school]", "[address]", "[date of birth]", "[NHS number]", "[postcode]",
    "[National Insurance number]", "[phone number]", "[email address]", "[social media name]", "[web address]",
    "[withheld]", "[pupil number]",
)  # fmt: skip


def shown(text: str, known: Known = JAYDEN) -> str:
    """Redact, and see that nothing leaks and that a second time changes nothing."""
    done = redact(text, known)
    assert leaks(done.text, known) == ()
    assert redact(done.text, known).text == done.text
    return done.text


def without_roles(text: str) -> str:
    for role in ROLES:
        text = text.replace(role, "\n")
    return text


@given(plans())
@settings(max_examples=30)
def test_no_planted_identifier_is_left(plan: tuple[Known, str, list[str]]) -> None:
    known, text, canaries = plan
    left = bare(without_roles(shown(text, known)))
    for canary in canaries:
        assert bare(canary) not in left, (text, left)
        assert bare(canary).replace(" ", "") not in left.replace(" ", "")


@given(knowns, st.text(max_size=120))
@settings(max_examples=30)
def test_any_text_at_all_comes_out_without_leaks_and_settles(known: Known, text: str) -> None:
    shown(text, known)


@given(st.text(alphabet="Jaydenleo'briSmith 0123456789./-@[]_\n\u200b", max_size=80))
@settings(max_examples=30)
def test_torn_and_glued_pieces_of_identifiers_come_out_without_leaks_and_settle(text: str) -> None:
    shown(text)


@given(plans())
@settings(max_examples=20)
def test_the_replacements_rebuild_the_text(plan: tuple[Known, str, list[str]]) -> None:
    known, text, _ = plan
    done = redact(text, known)
    rebuilt, place = "", 0
    for one in done.replacements:
        assert place <= one.start < one.end
        assert one.original == text[one.start : one.end]
        assert one.role in ROLES
        assert one.why
        rebuilt += text[place : one.start] + one.role
        place = one.end
    assert rebuilt + text[place:] == done.text


@given(knowns, st.lists(st.sampled_from(PLAIN), min_size=1, max_size=8))
@settings(max_examples=20)
def test_a_text_without_identifiers_comes_back_as_it_was(known: Known, sentences: list[str]) -> None:
    assume(known.date_of_birth is not None and (known.date_of_birth.day, known.date_of_birth.month) != (12, 7))
    assume(known.given_name not in {"E"} and known.family_name not in {"X"})
    text = "\r\n".join(sentences)
    done = redact(text, known)
    assert done.text == text
    assert done.replacements == ()


@given(st.dates(date(2001, 1, 1), date(2011, 12, 31)), st.data())
@settings(max_examples=20)
def test_the_date_of_birth_hides_in_every_usual_form(born: date, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(date_forms(born)))
    left = shown(f"He was born {form} in Derby", Known("Q", "Zed", date_of_birth=born))
    assert left == "He was born [date of birth] in Derby"


@given(st.dates(date(2001, 1, 1), date(2026, 12, 31)), st.data())
@settings(max_examples=20)
def test_other_dates_stay(day: date, data: st.DataObject) -> None:
    born = date(2009, 5, 1)
    assume((day.day, day.month) not in {(1, 5), (5, 1)})
    form = data.draw(st.sampled_from(date_forms(day)[:13]))
    assume(form not in date_forms(born))
    text = f"We met on {form} at noon"
    assert shown(text, Known("Q", "Zed", date_of_birth=born)) == text


@pytest.mark.parametrize("written", STRUCTURED)
def test_structured_identifiers_hide_whoever_they_belong_to(written: str) -> None:
    left = shown(f"Contact: {written} today", Known("Qadir", "Zaman"))
    assert without_roles(left).split() == ["Contact:", "today"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jayden Lee O’Brien‑Smith came", "[young person] came"),
        ("SMITH, Jayden", "[young person]"),
        ("Jaydens room, Jayden's room", "[young person] room, [young person]'s room"),
        ("J a y d e n and J.A.Y.D.E.N.", "[young person] and [young person]."),
        (
            "jay\u200bden; J\u00adayden; Jay-\nden; Jay den",
            "[young person]; [young person]; [young person]; [young person]",
        ),
        ("J. Smith and J.S. and JS left", "[young person] and [young person]. and [young person] left"),
        ("JaydenSmith2009; xjaydenobriensmithx", "[young person]; [young person]"),
        ("obrien, O Brien, O' Brien", "[young person]"),
        ("his mother Sharon Smith and uncle gareth", "his mother [relative] and uncle [relative]"),
        ("at 12 Elm Rd, Allestree, Derby, DE22 2AB.", "at [address], [postcode]."),
        ("near Elm Road; number 14 elm road", "near [address]; number [address]"),
        ("goes to Woodlands school, AWS", "goes to [school], [school]"),
        ("the school in Derby, DE22", "the school in Derby, DE22"),
        ("Karen rang about LAC 12345", "[name] rang about [withheld]"),
        ("Nhs no: 123 456 7890", "Nhs no: [NHS number]"),
        ("level 1 may need help on May 2", "level 1 may need help on May 2"),
        ("turns 18 on 1 May 2027", "turns 18 on [date of birth]"),
        ("5/1/2024 and 2 May 2009", "5/1/2024 and 2 May 2009"),
        ("Jаyden with a Cyrillic letter", "[young person] with a Cyrillic letter"),
    ],
)
def test_the_usual_ways_of_writing_hide_by_role(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_names_that_are_ordinary_words_hide_in_any_case() -> None:
    left = shown("Will said he will cope; hope is high", Known("Will", "Hope"))
    assert left == "[young person] said he [young person] cope; [young person] is high"


def test_short_forms_of_the_name_hide_and_everyday_words_among_them_only_as_names() -> None:
    known = Known("William", "Okafor")
    assert shown("Bill and billy said he will pay the bill", known) == (
        "[young person] and [young person] said he will pay the bill"
    )
    assert shown("will okafor", known) == "[young person]"
    assert shown("Mo and Muhammad", Known("Mohammed", "Akhtar")) == "[young person] and [young person]"


def test_short_parts_and_particles_hide_only_as_names() -> None:
    known = Known("Do An", "van Dyk")
    assert shown("Do An; do an van dyk", known) == "[young person]; [young person]"
    assert shown("in a van, on an hour", known) == "in a van, on an hour"


def test_a_split_that_makes_ordinary_words_is_no_name() -> None:
    assert shown("as her key worker said", Known("Asher", "Cole")) == "as her key worker said"


def test_remains_lists_what_a_person_should_look_at() -> None:
    done = redact(
        "Mr Ahmed of Peak House in Buxton rang on Monday. He has Housing Benefit, CAMHS and GCSE Maths. "
        "jadyen was there. Support is due 1234567. Xanthe left.",
        JAYDEN,
    )
    assert done.replacements == ()
    assert done.remains == ("Ahmed", "Peak House", "Buxton", "jadyen", "1234567", "Xanthe")


def test_role_words_are_no_identifiers_even_for_a_family_called_young() -> None:
    known = Known("Person", "Young", school="Post School")
    assert shown("Person Young is young", known) == "[young person] is [young person]"


def test_several_texts_keep_their_keys() -> None:
    done = redact_all({"plan": "Jayden", "risk": "none"}, JAYDEN)
    assert {key: one.text for key, one in done.items()} == {"plan": "[young person]", "risk": "none"}


def test_nothing_known_hides_only_what_has_a_shape() -> None:
    assert shown("Ann, 07700 900123", Known("", "")) == "Ann, [phone number]"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "0 ",
        "a.",
        "a@",
        "J. ",
        "ann-",
        "(0",
        "jay\u200b",
        "1/5/",
        "smith, ",
        "JaydenJ",
        "@a.",
        "\u200bJS",
        "9434765919-",
        "@a",
        "may ",
        "J ",
        "www.",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 5_000)[:5_000]
    began = time.process_time()
    redact(text, JAYDEN)
    assert time.process_time() - began < 1  # about 0.05 s on a quiet machine; doubling backtracking takes minutes
