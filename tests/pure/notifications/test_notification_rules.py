"""Retry plan, life cycle, segments and numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import rules
from notifications.errors import NotAMobile, NotNow
from notifications.model import (
    Failure,
    Known,
    Medium,
    NewMessage,
    Refused,
    Reply,
    Result,
    Sent,
    Status,
    Unclear,
)
from notifications.rules import Encoding, Segments, Verb

NOW = datetime(2026, 11, 21, 15, 42, tzinfo=UTC)
FINAL = [Status.DELIVERED, Status.FAILED, Status.EXPIRED]
results = st.one_of(
    st.builds(Sent, st.just("SM1"), st.booleans()),
    st.builds(Refused, st.just("no"), st.booleans()),
    st.builds(Unclear, st.just("time-out")),
)


def test_tries_follow_after_1_2_5_10_and_30_seconds_and_then_every_30() -> None:
    waits = []
    for attempts in range(1, 9):
        due = rules.next_try(attempts, NOW, None)
        assert due is not None
        waits.append((due - NOW).total_seconds())
    assert waits == [1, 2, 5, 10, 30, 30, 30, 30]


def test_no_try_follows_at_or_after_the_expiry() -> None:
    assert rules.next_try(1, NOW, NOW + timedelta(seconds=1)) is None
    assert rules.next_try(1, NOW, NOW + timedelta(seconds=1, microseconds=1)) == NOW + timedelta(seconds=1)


@given(st.integers(1, 10_000), st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=4)))
def test_a_next_try_is_later_than_now_within_30_seconds_and_before_the_expiry(
    attempts: int, left: timedelta | None
) -> None:
    expires_at = None if left is None else NOW + left
    due = rules.next_try(attempts, NOW, expires_at)
    if due is None:
        assert left is not None and left <= timedelta(seconds=30)
    else:
        assert NOW < due <= NOW + timedelta(seconds=30)
        assert expires_at is None or due < expires_at


@given(st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=4)))
def test_validity_is_the_seconds_left_between_1_and_36000(left: timedelta | None) -> None:
    seconds = rules.validity_seconds(NOW, None if left is None else NOW + left)
    assert 1 <= seconds <= 36_000
    if left is not None and timedelta(seconds=1) <= left <= timedelta(seconds=36_000):
        assert timedelta() <= left - timedelta(seconds=seconds) < timedelta(seconds=1)


@given(st.sampled_from(Status), st.sampled_from(Verb))
def test_a_move_is_in_the_table_or_refused_and_never_leads_back_from_a_final_status(status: Status, verb: Verb) -> None:
    try:
        reached = rules.move(status, verb)
    except NotNow as refusal:
        assert (refusal.status, refusal.verb) == (status, verb)
    else:
        assert not rules.final(status)
        assert rules.rank(reached) >= rules.rank(status) or verb is Verb.PUT_OFF


def test_the_final_statuses_are_the_ones_that_nothing_leaves() -> None:
    assert [s for s in Status if rules.final(s)] == FINAL
    assert {s for s in Status if not any(s is start for start, _ in rules.MOVES)} == set(FINAL)


@given(results, st.integers(1, 50), st.timedeltas(timedelta(seconds=-5), timedelta(hours=1)))
def test_a_try_ends_taken_over_put_off_refused_or_out_of_time(result: Result, attempts: int, left: timedelta) -> None:
    done = rules.settlement(result, attempts, NOW, NOW + left)
    match result:
        case Sent(reference, delivered):
            assert done.status is (Status.DELIVERED if delivered else Status.SENT)
            assert done.provider_ref == reference
        case Refused(_, True):
            assert done.status is Status.FAILED
        case _:
            assert done.status in (Status.QUEUED, Status.EXPIRED)
            assert (done.not_before is not None) == (done.status is Status.QUEUED)
    assert done.doubtful == isinstance(result, Unclear)
    assert (done.error is None) == isinstance(result, Sent)


@given(st.sampled_from(Status), st.lists(st.sampled_from([Verb.ACCEPT, Verb.DELIVER, Verb.REFUSE]), max_size=8))
def test_reports_lead_forward_whatever_their_order(status: Status, verbs: list[Verb]) -> None:
    for verb in verbs:
        reached = rules.reported(status, verb)
        if reached is not None:
            assert rules.rank(reached) > rules.rank(status)
            assert not rules.final(status)
            status = reached


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        ("1 R2041", (Reply.LINK, "R2041")),
        ("1 r-2041", (Reply.LINK, "R2041")),
        ("1r2041", (Reply.LINK, "R2041")),
        (" 2. R-X2 B3 ", (Reply.DECLINE, "RX2B3")),
        ("2", (Reply.DECLINE, "")),
        ("1!", (Reply.LINK, "")),
        ("12", (Reply.OTHER, "")),
        ("1 hello", (Reply.OTHER, "")),
        ("We offer 1 room", (Reply.OTHER, "")),
        ("1" + " " * 5000 + "R", (Reply.OTHER, "")),
        ("", (Reply.OTHER, "")),
        ("stop", (Reply.STOP, "")),
        ("STOP.", (Reply.STOP, "")),
        ("StopAll", (Reply.STOP, "")),
        ("end", (Reply.STOP, "")),
        ("stop that", (Reply.OTHER, "")),
        ("Yes", (Reply.START, "")),
        ("UNSTOP", (Reply.START, "")),
    ],
)
def test_replies_are_read(words: str, reply: tuple[Reply, str]) -> None:
    assert rules.read_reply(words) == reply


def test_the_networks_own_reading_of_stop_counts() -> None:
    assert rules.read_reply("no more of this", "STOP") == (Reply.STOP, "")
    assert rules.read_reply("please", "START") == (Reply.START, "")
    assert rules.read_reply("1 R2041", "HELP") == (Reply.LINK, "R2041")


@given(st.text(max_size=200))
def test_any_text_can_be_read(words: str) -> None:
    reply, reference = rules.read_reply(words)
    assert reference == "" or reply in {Reply.LINK, Reply.DECLINE}
    assert reference == rules.bare_reference(reference)


@pytest.mark.parametrize(
    ("listed", "known", "found"),
    [
        ({}, Known(), None),
        ({"SM1": "words"}, Known(), Sent("SM1")),
        ({"SM1": "words"}, Known(in_doubt=3), Sent("SM1")),
        ({"SM1": "others"}, Known(), None),
        ({"SM1": "words"}, Known(frozenset({"SM1"})), None),
        ({"SM1": ""}, Known(), Sent("SM1")),
        ({"SM1": ""}, Known(frozenset({"SM1"}), 1), None),
        ({"SM1": ""}, Known(in_doubt=1), Unclear("which of several")),
        ({"SM1": "", "SM2": "words"}, Known(in_doubt=1), Sent("SM2")),
    ],
)
def test_a_lost_text_is_found_by_its_words_or_by_being_the_only_one(
    listed: dict[str, str], known: Known, found: Sent | Unclear | None
) -> None:
    assert rules.which(listed, "words", known) == found


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        (Status.QUEUED, "twilio 429", Failure.STILL_TRYING),
        (Status.FAILED, "opted out", Failure.OPTED_OUT),
        (Status.FAILED, "twilio 400 code 21610", Failure.OPTED_OUT),
        (Status.FAILED, "twilio 400 code 21211", Failure.WRONG_ADDRESS),
        (Status.FAILED, "smtp recipient 550", Failure.WRONG_ADDRESS),
        (Status.FAILED, "twilio 400", Failure.REFUSED),
        (Status.EXPIRED, "twilio 429", Failure.OUT_OF_TIME),
        (Status.EXPIRED, None, Failure.OUT_OF_TIME),
    ],
)
def test_a_failure_is_said_as_a_person_needs_it(status: Status, error: str | None, why: Failure) -> None:
    assert rules.failure(status, error) is why


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(Encoding.GSM7, 0, 1)),
        ("a" * 160, Segments(Encoding.GSM7, 160, 1)),
        ("a" * 161, Segments(Encoding.GSM7, 161, 2)),
        ("a" * 306, Segments(Encoding.GSM7, 306, 2)),
        ("a" * 307, Segments(Encoding.GSM7, 307, 3)),
        ("\u00a3612 a week", Segments(Encoding.GSM7, 11, 1)),
        ("\u20ac612 [a] {b} ^\\|~", Segments(Encoding.GSM7, 26, 1)),
        ("\u20ac" * 80, Segments(Encoding.GSM7, 160, 1)),
        ("a" * 159 + "\u20ac", Segments(Encoding.GSM7, 161, 2)),
        # The pair of a euro sign is not cut: 152 + 2 does not fit into the first part of 153.
        ("a" * 152 + "\u20ac" + "a" * 152, Segments(Encoding.GSM7, 306, 3)),
        ("16\u201317", Segments(Encoding.UCS2, 5, 1)),
        ("it\u2019s", Segments(Encoding.UCS2, 4, 1)),
        ("a\u00a0b", Segments(Encoding.UCS2, 3, 1)),
        ("\u2013" * 70, Segments(Encoding.UCS2, 70, 1)),
        ("\u2013" * 71, Segments(Encoding.UCS2, 71, 2)),
        ("\U0001f3e0", Segments(Encoding.UCS2, 2, 1)),
        ("\U0001f3e0" * 35, Segments(Encoding.UCS2, 70, 1)),
        # A house is two code units and not cut: 33 fit into 67.
        ("\U0001f3e0" * 67, Segments(Encoding.UCS2, 134, 3)),
        (
            "\u0394\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c7\u00bf\u00a1",
            Segments(Encoding.GSM7, 13, 1),
        ),
        ("`", Segments(Encoding.UCS2, 1, 1)),
        ("\u00e7", Segments(Encoding.UCS2, 1, 1)),
    ],
)
def test_known_texts_are_counted_as_the_networks_count_them(text: str, expected: Segments) -> None:
    assert rules.segments(text) == expected


def test_the_gsm_tables_have_the_128_and_10_characters_of_the_standard() -> None:
    every = [chr(code) for code in range(0x10000)]
    gsm = [c for c in every if rules.segments(c).encoding is Encoding.GSM7]
    assert sum(rules.segments(c).units == 1 for c in gsm) == 127  # 128 less the escape
    assert sum(rules.segments(c).units == 2 for c in gsm) == 10


@given(st.text(max_size=400))
def test_parts_hold_all_units_and_waste_little(text: str) -> None:
    size = rules.segments(text)
    alone, part = (160, 153) if size.encoding is Encoding.GSM7 else (70, 67)
    assert (size.count == 1) == (size.units <= alone)
    if size.count > 1:
        assert (size.count - 1) * (part - 1) < size.units <= size.count * part
    assert rules.one_segment(text) == (size.encoding is Encoding.GSM7 and size.count == 1)


@given(st.text(max_size=200))
def test_a_folded_text_is_gsm_and_folding_it_again_changes_nothing(text: str) -> None:
    folded = rules.folded(text)
    assert rules.segments(folded).encoding is Encoding.GSM7
    assert rules.folded(folded) == folded


def test_folding_keeps_the_sense() -> None:
    assert rules.folded("Ynys M\u00f4n \u2013 it\u2019s \u201cfine\u201d\u2026 \u00a35 \u20ac6 e\u0301") == (
        'Ynys Mon - it\'s "fine"... \u00a35 \u20ac6 \u00e9'
    )


@pytest.mark.parametrize("typed", ["07700 900123", "+44 7700 900123", "0044 (0)7700-900123", "7700900123"])
def test_a_number_for_fiction_passes_only_where_allowed(typed: str) -> None:
    assert rules.mobile(typed, allow_drama=True) == "+447700900123"
    with pytest.raises(NotAMobile) as refusal:
        rules.mobile(typed, allow_drama=False)
    assert refusal.value.reason == "fiction"


@given(st.integers(0, 999))
def test_the_fiction_range_is_900000_to_900999(last: int) -> None:
    assert rules.mobile(f"07700 900{last:03}", allow_drama=True) == f"+447700900{last:03}"
    for neighbour in (f"07700 899{last:03}", f"07700 901{last:03}"):
        with pytest.raises(NotAMobile):
            rules.mobile(neighbour, allow_drama=True)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "unreadable"),
        ("call me", "unreadable"),
        ("020 7946 0000", "not mobile"),
        ("0117 496 0000", "not mobile"),
        ("07700 900123 ext 4", "extension"),
        ("+1 202 555 0100", "abroad"),
        ("07700", "invalid"),
        ("07700 9001234", "invalid"),
    ],
)
def test_what_is_no_mobile_of_the_united_kingdom_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(NotAMobile) as refusal:
        rules.mobile(typed, allow_drama=True)
    assert refusal.value.reason == reason
    assert not typed or typed not in repr(refusal.value)


@pytest.mark.parametrize(
    ("medium", "to"),
    [
        (Medium.SMS, "07700 900123"),
        (Medium.SMS, "someone@firm.example"),
        (Medium.EMAIL, "+447700900123"),
        (Medium.EMAIL, "a@b.example\nBcc: c@d.example"),
        (Medium.EMAIL, "a@b.example, c@d.example"),
    ],
)
def test_an_address_fits_its_medium(medium: Medium, to: str) -> None:
    with pytest.raises(ValueError, match="address"):
        NewMessage("derby-city", "code", medium, to, None, None, UUID(int=1), {}, None, None, "k")


def test_a_message_in_a_log_shows_no_number_link_or_code() -> None:
    link, code = "https://dps.example/b/secret", "305816"
    message = NewMessage(
        "derby-city", "code", Medium.SMS, "+447700900123", None, None, UUID(int=1), {"code": code}, link, code, "k"
    )
    for secret in ("+447700900123", link, code):
        assert secret not in repr(message)
