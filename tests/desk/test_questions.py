"""Questions during a window: to all, the asker unnamed, nobody named in them, never in the way of the close (S26)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from brokerage.competitions.errors import (
    AlreadyAnswered,
    CompetitionCancelled,
    NoSuchCompetition,
    NoSuchQuestion,
    TooManyQuestions,
    WindowOver,
)
from brokerage.competitions.model import Asked
from brokerage.competitions.rules.deciding import MOST_QUESTIONS
from brokerage.desk import flow, views
from brokerage.desk.views import InvitationView
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.errors import NotAllowed
from brokerage.worker.sweep import ring_due
from tests.desk.road import (
    PEOPLE,
    Door,
    Open,
    an_open_competition,
    ask,
    clock_of,
    close,
    record,
    state_of,
    verified,
    withdraw,
)
from tests.pure.referrals.documents import a_document


def question(
    desk: Desk, door: Door, words: str = "Is there a garden to look after?", *, signed_in: bool = False
) -> Asked:
    with desk.work(door.actor if signed_in else SYSTEM) as work:
        return flow.ask_question(work, door.invitation_id if signed_in else door.token, words)


def answer(
    desk: Desk, opened: Open, asked: Asked, words: str = "Yes, a small one", shown: str | None = None, who: str = ""
) -> Any:
    with desk.work(PEOPLE[who or "coordinator"]) as work:
        return flow.answer_question(work, opened.id, asked.id, words, shown)


def seen_by(desk: Desk, door: Door) -> InvitationView:
    with desk.work(SYSTEM) as work:
        return views.invitation(work, flow.look_at_invitation(work, door.token))


def test_an_answer_goes_to_all_and_an_open_question_to_its_asker_alone(desk: Desk) -> None:
    opened = an_open_competition(desk)
    mine, rival = opened.doors[:2]
    before = seen_by(desk, rival)
    asked = question(desk, mine)
    assert [one.words for one in seen_by(desk, mine).unanswered] == [asked.words]
    assert seen_by(desk, rival) == before  # a rival's open question changes nothing that anybody else is shown
    answer(desk, opened, asked)
    for door in opened.doors:
        (one,) = seen_by(desk, door).answered
        assert (one.shown, one.answer) == ("Is there a garden to look after?", "Yes, a small one")
        assert seen_by(desk, door).unanswered == ()


def test_the_coordinators_are_told_of_a_question_and_all_invited_of_its_answer_without_the_words(desk: Desk) -> None:
    opened = an_open_competition(desk)
    asked = question(desk, opened.doors[0], "Is there a lift to the second floor?", signed_in=True)
    answer(desk, opened, asked, "No lift is needed")
    told = ask(desk, "SELECT kind, person_id, provider_id, body FROM message WHERE subject_id = :id", id=asked.id)
    assert [row for row in told if row[0] == "question_asked" and row[1] and not row[2]]
    answered = [row[2] for row in told if row[0] == "question_answered"]
    assert sorted(answered, key=str) == sorted((door.provider_id for door in opened.doors), key=str)
    for row in told:
        assert "lift" not in row[3]
        assert opened.doors[0].provider not in row[3]
    lines = record(desk, opened.referral_id)[-2:]
    assert [line.kind for line in lines] == ["question_asked", "question_answered"]
    assert not any("lift" in line.body for line in lines)
    assert str(opened.doors[0].provider_id) not in lines[0].body
    assert verified(desk).first_bad is None


def test_nobody_is_named_in_what_others_read(desk: Desk) -> None:
    person = a_document()["young_person"]
    assert isinstance(person, dict)
    given, family = person["given_name"], person["family_name"]
    opened = an_open_competition(desk)
    asked = question(desk, opened.doors[0], f"Is this {given} {family}? Call 07700 900321")
    with desk.work(PEOPLE["coordinator"]) as work:
        (item,) = views.questions(work, opened.id).items
    assert item.asked.words.startswith(f"Is this {given}")
    assert {one.original for one in item.redacted.replacements} >= {"07700 900321"}
    answer(desk, opened, asked, f"We cannot say. {given} likes football", "May we know who it is?")
    (one,) = seen_by(desk, opened.doors[1]).answered
    assert one.shown == "May we know who it is?"
    assert one.answer == "We cannot say. [young person] likes football"
    kept = ask(desk, "SELECT shown, answer FROM question")
    assert given not in str(kept)
    assert "07700 900321" not in str(kept)


def test_without_other_words_the_question_is_redacted_as_asked(desk: Desk) -> None:
    given = a_document()["young_person"]["given_name"]  # type: ignore[index]  # a document is typed as plain JSON
    opened = an_open_competition(desk)
    answer(desk, opened, question(desk, opened.doors[0], f"Does {given} smoke?"))
    (one,) = seen_by(desk, opened.doors[0]).answered
    assert one.shown == "Does [young person] smoke?"


def test_an_invitation_asks_ten_questions_and_a_repeated_one_counts_once(desk: Desk) -> None:
    opened = an_open_competition(desk)
    mine, rival = opened.doors[:2]
    first = question(desk, mine, "Number 0?")
    assert question(desk, mine, "Number 0?").id == first.id
    for number in range(1, MOST_QUESTIONS):
        question(desk, mine, f"Number {number}?")
    with pytest.raises(TooManyQuestions):
        question(desk, mine, "One more?")
    question(desk, rival, "One more?")
    assert [line.kind for line in record(desk, opened.referral_id)].count("question_asked") == MOST_QUESTIONS + 1


def test_ten_at_once_are_still_ten(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for number in range(MOST_QUESTIONS - 2):
        question(desk, opened.doors[0], f"Number {number}?")

    def one_more(number: int) -> bool:
        try:
            question(desk, opened.doors[0], f"At once {number}?")
        except TooManyQuestions:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one_more, range(6))) == 2


def test_an_open_question_never_stops_the_close(desk: Desk) -> None:
    opened = an_open_competition(desk)
    asked = question(desk, opened.doors[0])
    clock_of(desk).now = opened.event.closes_at
    for _ in range(2):
        with pytest.raises(WindowOver):
            question(desk, opened.doors[0], "Too late?")
        with pytest.raises(WindowOver):
            answer(desk, opened, asked)
        ring_due(desk)
        assert state_of(desk, opened) == "unsuccessful"
    assert [one.words for one in seen_by(desk, opened.doors[0]).unanswered] == [asked.words]


def test_of_several_answers_at_once_one_stands(desk: Desk) -> None:
    opened = an_open_competition(desk)
    asked = question(desk, opened.doors[0])

    def try_one(number: int) -> bool:
        try:
            answer(desk, opened, asked, f"Answer {number}")
        except AlreadyAnswered:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(try_one, range(5))) == 1
    assert len(seen_by(desk, opened.doors[1]).answered) == 1


def test_a_withdrawn_request_is_asked_and_answered_nothing(desk: Desk) -> None:
    opened = an_open_competition(desk)
    asked = question(desk, opened.doors[0])
    withdraw(desk, opened.referral_id)
    with pytest.raises(CompetitionCancelled):
        question(desk, opened.doors[0], "Why?")
    with pytest.raises(CompetitionCancelled):
        answer(desk, opened, asked)


def test_who_may_not_publish_answers_nothing_and_another_council_sees_nothing(desk: Desk) -> None:
    opened, other = an_open_competition(desk), an_open_competition(desk)
    asked = question(desk, opened.doors[0])
    for who in ("approver", "auditor", "provider_a"):
        with pytest.raises(NotAllowed):
            answer(desk, opened, asked, who=who)
    with pytest.raises(NoSuchCompetition):
        answer(desk, opened, asked, who="coordinator_county")
    with pytest.raises(NoSuchQuestion):
        answer(desk, other, asked)
    with pytest.raises(NoSuchCompetition), desk.work(PEOPLE["coordinator_county"]) as work:
        views.questions(work, opened.id)
    with pytest.raises(NotAllowed), desk.work(PEOPLE["provider_a"]) as work:
        views.questions(work, opened.id)


@pytest.mark.parametrize("change", ["words = 'Something else'", "answer = 'Something else'", "answered_at = NULL"])
def test_the_database_keeps_questions_and_answers_as_they_were(desk: Desk, change: str) -> None:
    opened = an_open_competition(desk)
    asked = question(desk, opened.doors[0])
    answer(desk, opened, asked)
    with pytest.raises(IntegrityError), desk.engine.begin() as db:
        db.execute(text(f"UPDATE question SET {change} WHERE id = :id"), {"id": UUID(str(asked.id))})


def test_a_question_may_wait_for_the_window_to_open(desk: Desk) -> None:
    with desk.engine.begin() as db:
        db.execute(text("UPDATE authority SET urgent_waits_for_morning = true"))
    clock_of(desk).now = clock_of(desk).now.replace(hour=23)
    opened = an_open_competition(desk, urgency="urgent")
    assert opened.event.opens_at > clock_of(desk).now
    answer(desk, opened, question(desk, opened.doors[0]))
    close(desk, opened)
    assert len(seen_by(desk, opened.doors[1]).answered) == 1
