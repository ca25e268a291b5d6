"""What providers text, and invitees that are not reached."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest

from brokerage.desk import flow, views
from brokerage.desk.work import SYSTEM, Desk
from brokerage.worker.ticker import post_all
from lots import store as lots
from notifications import service
from notifications.model import (
    Failure,
    Inbound,
    Known,
    Medium,
    Message,
    Refused,
    Report,
    Result,
    Sent,
    Status,
    Verb,
)
from notifications.rules import read_reply
from tests.desk.road import (
    PEOPLE,
    Door,
    Open,
    a_code,
    a_raised_referral,
    an_open_competition,
    ask,
    bid,
    clock_of,
    look,
    open_again,
    record,
    verified,
)

SIDS = count()
MINUTE = timedelta(minutes=1)


def mobile_of(desk: Desk, door: Door) -> str:
    with desk.engine.begin() as db:
        return next(one.mobile for one in lots.providers(db) if one.id == door.provider_id)


def receive(desk: Desk, sender: str, words: str) -> None:
    reply, reference = read_reply(words)
    with desk.work(SYSTEM) as work:
        flow.receive_text(work, Inbound(f"SM{next(SIDS)}", sender, reply, reference))


def replies(desk: Desk) -> list[Message]:
    with desk.engine.begin() as db:
        return [one for one in service.outbox(db, None, 1000) if one.kind.startswith("reply_")]


def declined(desk: Desk, door: Door) -> bool:
    return bool(ask(desk, "SELECT declined_at FROM invitation WHERE id = :id", id=door.invitation_id)[0][0])


@pytest.mark.parametrize("form", ["1 {}", "1 {0}!", "1{0}", " 1. {0} "])
def test_a_provider_texts_for_a_fresh_link(desk: Desk, form: str) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    receive(desk, mobile_of(desk, door), form.format(opened.event.reference.lower()))
    (reply,) = replies(desk)
    assert (reply.kind, reply.provider_id, reply.expires_at) == ("reply_link", door.provider_id, opened.event.closes_at)
    token = (reply.link or "").rpartition("/")[2]
    for one in (token, door.token):
        assert look(desk, Door(door.provider_id, "", door.invitation_id, one)).invitation_id == door.invitation_id
    assert a_code(desk, Door(door.provider_id, "", door.invitation_id, token))
    assert token not in "".join(line.body for line in record(desk))
    assert verified(desk).first_bad is None


def test_an_invitation_has_five_links_at_most(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for _ in range(7):
        receive(desk, mobile_of(desk, opened.doors[0]), "1")
    kinds = [one.kind for one in replies(desk)]
    assert kinds == ["reply_link"] * 4 + ["reply_help"]


def test_a_provider_declines_by_text(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for _ in range(2):
        receive(desk, mobile_of(desk, opened.doors[0]), f"2 {opened.event.reference}")
    assert [declined(desk, door) for door in opened.doors[:2]] == [True, False]
    assert [one.kind for one in replies(desk)] == ["reply_declined"] * 2
    assert [line.kind for line in record(desk)].count("invitation_declined") == 1


def test_a_text_never_undoes_an_offer(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    bid(desk, door)
    receive(desk, mobile_of(desk, door), "2")
    assert not declined(desk, door)
    assert look(desk, door).standing is not None
    assert [one.kind for one in replies(desk)] == ["reply_offer_stands"]
    said = [line.body for line in record(desk) if line.kind == "text_answered"]
    assert "stands" not in "".join(said)  # the record is read while offers are sealed


def test_which_of_two_windows_is_meant_must_be_said(desk: Desk) -> None:
    first = an_open_competition(desk)
    second = open_again(desk, a_raised_referral(desk))
    door = next(one for one in first.doors if one.provider_id in {two.provider_id for two in second.doors})
    receive(desk, mobile_of(desk, door), "2")
    assert [one.kind for one in replies(desk)] == ["reply_help"]
    receive(desk, mobile_of(desk, door), f"2 {second.event.reference}")
    assert not declined(desk, door)
    assert ask(
        desk,
        "SELECT count(*) FROM invitation WHERE competition_id = :c AND declined_at IS NOT NULL",
        c=second.id,
    )[0] == (1,)


@pytest.mark.parametrize("words", ["1", "2", "hello", "1 R-99999999", "12", "YES please", ""])
def test_what_means_nothing_is_helped_with_once_an_hour(desk: Desk, words: str) -> None:
    opened = an_open_competition(desk)
    clock_of(desk).now = opened.event.closes_at  # every window is over
    for _ in range(3):
        receive(desk, mobile_of(desk, opened.doors[0]), words)
    assert [one.kind for one in replies(desk)] == ["reply_help"]
    clock_of(desk).push(timedelta(hours=1, seconds=1))
    receive(desk, mobile_of(desk, opened.doors[0]), words)
    assert [one.kind for one in replies(desk)] == ["reply_help"] * 2


def test_strangers_are_answered_nothing_and_their_numbers_are_not_kept(desk: Desk) -> None:
    an_open_competition(desk)
    for words in ("1", "2", "hello"):
        receive(desk, "+447700900998", words)
    assert replies(desk) == []
    assert [tuple(row) for row in ask(desk, "SELECT provider_id, did FROM inbound_text")] == [(None, "nothing")] * 3


def test_a_spoofed_sender_cannot_flood_a_phone(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for _ in range(30):
        receive(desk, mobile_of(desk, opened.doors[0]), "2")
    assert len(replies(desk)) == 10


class Network:
    """A supplier that refuses some numbers or everything, and takes the rest over."""

    medium = Medium.SMS

    def __init__(self, answer: Result, to: str | None = None) -> None:
        self.answer, self.to = answer, to
        self.sent: list[str] = []

    def send(self, message: Message, now: datetime) -> Result:
        if self.to in (None, message.to):
            return self.answer
        self.sent.append(message.to)
        return Sent(f"SM{message.id}")

    def find(self, message: Message, known: Known) -> None:
        return None


class Letters(Network):
    medium = Medium.EMAIL


TAKES = Letters(Sent("letter", delivered=True), "none")


def test_stop_and_start_are_kept_and_emails_go_on(desk: Desk) -> None:
    opened = an_open_competition(desk)
    number = mobile_of(desk, opened.doors[0])
    receive(desk, number, "Stop.")
    texts = Network(Refused("no", permanent=True), "nobody")
    post_all(desk, {Medium.SMS: texts, Medium.EMAIL: TAKES})
    assert number not in texts.sent
    assert len(texts.sent) == len(opened.doors) - 1
    (letter,) = told(desk)
    assert "they asked for no more texts" in letter.body
    receive(desk, number, "START")
    receive(desk, number, "1")
    post_all(desk, {Medium.SMS: texts, Medium.EMAIL: TAKES})
    assert texts.sent[-1] == number
    assert [one.kind for one in replies(desk)] == ["reply_link"]  # stopping and starting are not answered


def told(desk: Desk) -> list[Message]:
    with desk.engine.begin() as db:
        return [one for one in service.outbox(db, None, 1000) if one.kind == "invitee_not_reached"]


def test_an_invitee_that_cannot_be_reached_is_told_of_once_with_phone_and_email(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    number = mobile_of(desk, door)
    dead = Network(Refused("twilio 400 code 21211", permanent=True), number)
    for _ in range(3):
        post_all(desk, {Medium.SMS: dead, Medium.EMAIL: TAKES})
    (letter,) = told(desk)
    with desk.engine.begin() as db:
        provider = next(one for one in lots.providers(db) if one.id == door.provider_id)
    assert letter.to == coordinators_email(desk)
    for words in (provider.name, provider.phone, provider.email, "the number does not work"):
        assert words in f"{letter.subject} {letter.body}"
    assert [line.kind for line in record(desk)].count("invitee_not_reached") == 1
    (row,) = not_reached(desk, opened)
    assert (row.provider, row.medium, row.reason) == (provider.name, Medium.SMS, Failure.WRONG_ADDRESS)
    assert (row.phone, row.email) == (provider.phone, provider.email)


def coordinators_email(desk: Desk) -> str:
    return str(ask(desk, "SELECT email FROM person WHERE id = :id", id=PEOPLE["coordinator"].person_id)[0][0])


def not_reached(desk: Desk, opened: Open) -> tuple[views.NotReached, ...]:
    with desk.work(PEOPLE["coordinator"]) as work:
        return views.competition(work, opened.id).not_reached


def test_a_failure_reported_later_is_told_of_by_the_next_beat(desk: Desk) -> None:
    opened = an_open_competition(desk)
    texts = Network(Refused("no", permanent=True), "nobody")
    post_all(desk, {Medium.SMS: texts, Medium.EMAIL: TAKES})
    assert (told(desk), not_reached(desk, opened)) == ([], ())
    with desk.engine.begin() as db:
        lost = next(one for one in service.outbox(db, None, 1000) if one.status is Status.SENT)
    with desk.work(SYSTEM) as work:
        said = Report(lost.id, lost.provider_ref or "", "undelivered", Verb.REFUSE, "twilio undelivered code 30003")
        flow.receive_report(work, said)
    post_all(desk, {Medium.SMS: texts, Medium.EMAIL: TAKES})
    assert len(told(desk)) == 1
    assert [one.reason for one in not_reached(desk, opened)] == [Failure.WRONG_ADDRESS]


def test_with_the_supplier_down_all_day_nothing_is_lost_and_everybody_is_listed(desk: Desk) -> None:
    opened = an_open_competition(desk)
    down = {Medium.SMS: Network(Refused("ConnectionError", permanent=False)), Medium.EMAIL: TAKES}
    everybody = {door.provider for door in opened.doors}
    while clock_of(desk).now < opened.event.closes_at - MINUTE:
        post_all(desk, down)
        waiting = not_reached(desk, opened)
        assert {one.provider for one in waiting} == everybody
        assert {one.reason for one in waiting} == {Failure.STILL_TRYING}
        clock_of(desk).push(timedelta(hours=5))
        if clock_of(desk).now >= opened.event.closes_at:
            break
    clock_of(desk).now = opened.event.closes_at - MINUTE
    back = Network(Refused("no", permanent=True), "nobody")
    post_all(desk, {Medium.SMS: back, Medium.EMAIL: TAKES})
    assert sorted(back.sent) == sorted(mobile_of(desk, door) for door in opened.doors)
    assert not_reached(desk, opened) == ()


def test_what_ran_out_of_time_is_listed_and_told(desk: Desk) -> None:
    opened = an_open_competition(desk)
    down = {Medium.SMS: Network(Refused("ConnectionError", permanent=False)), Medium.EMAIL: TAKES}
    post_all(desk, down)
    clock_of(desk).now = opened.event.closes_at
    post_all(desk, down)
    post_all(desk, down)
    assert {one.reason for one in not_reached(desk, opened)} == {Failure.OUT_OF_TIME}
    assert len(told(desk)) == len(opened.doors)
