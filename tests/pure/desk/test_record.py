"""The record finds every change of itself, and holds no name and no secret."""

# ruff: noqa: DTZ001 (hypothesis wants its bounds without a zone)

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.events import CompetitionOpened
from brokerage.desk.record import START, Line, body_of, kind_of, link, text_of, verify
from tests.pure.desk.samples import EVENTS, SECRET_CODE, SECRET_NAME, SECRET_TOKEN, sample

Head = tuple[int, bytes]
events = st.tuples(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["system", "provider", "person:1"]),
    st.sampled_from(["bid_placed", "competition_closed"]),
    st.none() | st.uuids(),
    st.text(max_size=20).map(lambda text: json.dumps({"x": text})),
)
Said = tuple[datetime, str, str, UUID | None, str]


def chain(said: list[Said], authority: str = "derby-city") -> tuple[list[Line], Head]:
    lines, before = [], START
    for seq, one in enumerate(said, start=1):
        before = link(before, authority, seq, text_of(*one))
        lines.append(Line(authority, seq, *one, before))
    return lines, (len(lines), before)


@given(st.lists(events, max_size=8))
def test_a_chain_as_written_is_sound(said: list[Said]) -> None:
    lines, head = chain(said)
    found = verify("derby-city", lines, head)
    assert (found.first_bad, found.why, found.lines, found.head) == (None, None, len(said), head[1].hex())


@given(st.lists(events, min_size=1, max_size=8), st.data())
def test_a_changed_line_is_found_at_its_place(said: list[Said], data: st.DataObject) -> None:
    lines, head = chain(said)
    at = data.draw(st.integers(0, len(lines) - 1))
    line = lines[at]
    changes: list[dict[str, Any]] = [
        {"at": line.at + timedelta(microseconds=1)},
        {"actor": line.actor + "x"},
        {"kind": line.kind + "x"},
        {"about": UUID(int=7) if line.about != UUID(int=7) else None},
        {"body": line.body + " "},
        {"hash": bytes(32)},
    ]
    lines[at] = replace(line, **data.draw(st.sampled_from(changes)))
    assert verify("derby-city", lines, head).first_bad == at + 1


@given(st.lists(events, min_size=1, max_size=8), st.data())
def test_a_deleted_line_is_found(said: list[Said], data: st.DataObject) -> None:
    lines, head = chain(said)
    at = data.draw(st.integers(0, len(lines) - 1))
    del lines[at]
    assert verify("derby-city", lines, head).first_bad == at + 1


@given(st.lists(events, min_size=1, max_size=8), st.data())
def test_a_deleted_line_is_found_even_when_the_rest_is_numbered_again(said: list[Said], data: st.DataObject) -> None:
    lines, head = chain(said)
    at = data.draw(st.integers(0, len(lines) - 1))
    del lines[at]
    lines = [replace(line, seq=number) for number, line in enumerate(lines, start=1)]
    assert verify("derby-city", lines, head).first_bad == at + 1


@given(st.lists(events, min_size=1, max_size=8), st.integers(1, 8))
def test_a_cut_tail_is_found_by_the_head(said: list[Said], cut: int) -> None:
    lines, head = chain(said)
    kept = lines[: max(0, len(lines) - cut)]
    assert verify("derby-city", kept, head).first_bad == len(kept) + 1


@given(st.lists(events, min_size=1, max_size=8), events, st.data())
def test_an_inserted_line_is_found(said: list[Said], extra: Said, data: st.DataObject) -> None:
    lines, head = chain(said)
    at = data.draw(st.integers(0, len(lines)))
    before = lines[at - 1].hash if at else START
    forged = Line("derby-city", at + 1, *extra, link(before, "derby-city", at + 1, text_of(*extra)))
    lines.insert(at, forged)
    lines = [replace(line, seq=number) for number, line in enumerate(lines, start=1)]
    assert verify("derby-city", lines, head).first_bad is not None


@given(st.lists(events, min_size=2, max_size=8), st.data())
def test_two_swapped_lines_are_found(said: list[Said], data: st.DataObject) -> None:
    lines, head = chain(said)
    first = data.draw(st.integers(0, len(lines) - 2))
    second = data.draw(st.integers(first + 1, len(lines) - 1))
    lines[first], lines[second] = lines[second], lines[first]
    assert verify("derby-city", lines, head).first_bad == first + 1
    lines = [replace(line, seq=number) for number, line in enumerate(lines, start=1)]
    assert verify("derby-city", lines, head).first_bad == first + 1


@given(st.lists(events, min_size=1, max_size=4))
def test_a_chain_of_another_authority_does_not_serve(said: list[Said]) -> None:
    lines, head = chain(said, "derbyshire")
    assert verify("derby-city", lines, head).first_bad == 1


@given(events)
def test_the_zone_in_which_an_instant_is_read_changes_nothing(one: Said) -> None:
    at, *rest = one
    assert text_of(at.astimezone(ZoneInfo("Asia/Tokyo")), *rest) == text_of(*one)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_can_be_recorded_without_its_secrets(kind: type) -> None:
    event = sample(kind)
    body = body_of(event)
    for secret in (SECRET_CODE, SECRET_NAME, SECRET_TOKEN):
        assert secret not in body
    hidden = {field.name for field in fields(event) if not field.metadata.get("record", True)}
    assert set(json.loads(body)) == {field.name for field in fields(event)} - hidden - {"authority"}


def test_free_text_of_people_never_has_a_field_on_the_record() -> None:
    """Reasons are typed by people and may name somebody: the record holds their digest, or a coded reason."""
    coded = {"InvitationDeclined"}
    names = {"reason", "note", "name", "text", "waiver_reason", "pathway_plan", "risk_plan", "provider"}
    for kind in EVENTS:
        shown = {field.name for field in fields(kind) if field.metadata.get("record", True)}
        assert not shown & names or kind.__name__ in coded, kind


def test_an_event_is_named_by_its_class() -> None:
    kinds = {kind_of(sample(kind)) for kind in EVENTS}
    assert len(kinds) == len(EVENTS)
    assert {"bid_placed", "competition_closed", "bid_awarded"} <= kinds


def test_what_has_no_plain_form_is_not_written() -> None:
    event = replace(sample(CompetitionOpened), reference=object())
    with pytest.raises(TypeError, match="not for the record"):
        body_of(event)
