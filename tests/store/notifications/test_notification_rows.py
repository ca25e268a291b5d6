"""Messages on real PostgreSQL: queue, claim, settle, look."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from notifications import channels, post, rules, service
from notifications import wording as words
from notifications.errors import NoWording, UnknownMessage
from notifications.events import MessageSettled
from notifications.model import (
    Counts,
    Known,
    Medium,
    Message,
    MessageId,
    NewMessage,
    Refused,
    Report,
    Result,
    Sent,
    Status,
    Unclear,
    Verb,
)
from notifications.wording import SAMPLES

WORDING = words.load(Path(__file__).parents[3] / "templates" / "messages")
NOW = datetime(2026, 11, 21, 15, 42, tzinfo=UTC)
LEASE = timedelta(seconds=28)
SECOND = timedelta(seconds=1)
SCANS = text("SELECT seq_scan AS whole, idx_scan AS indexed FROM pg_stat_xact_user_tables WHERE relname = 'message'")
KEPT = {medium: channels.KeptHere(medium) for medium in Medium}


def settle(db: Connection, message_id: MessageId, tries: int, result: Result, now: datetime) -> MessageSettled | None:
    return next(iter(service.settle_all(db, {(message_id, tries): result}, now)), None)


def text_message(key: str, subject_id: UUID | None = None, authority: str = "derby-city") -> NewMessage:
    params = {name: value for name, value in SAMPLES["code"].items() if name != "code"}
    return NewMessage(
        authority=authority,
        kind="code",
        medium=Medium.SMS,
        to="+447700900123",
        provider_id=uuid4(),
        person_id=None,
        subject_id=subject_id or uuid4(),
        params=params,
        link=None,
        code="305816",
        dedupe_key=key,
        expires_at=NOW + timedelta(minutes=10),
    )


def email(key: str, subject_id: UUID) -> NewMessage:
    return NewMessage(
        authority="derby-city",
        kind="competition_closed",
        medium=Medium.EMAIL,
        to="coordinator@council.example",
        provider_id=None,
        person_id=uuid4(),
        subject_id=subject_id,
        params={name: value for name, value in SAMPLES["competition_closed"].items() if name != "link"},
        link="https://dps.example/c/1",
        code=None,
        dedupe_key=key,
    )


def only(db: Connection) -> Message:
    (message,) = service.outbox(db, None, 10)
    return message


def test_a_queued_message_is_written_out_and_waits(db: Connection) -> None:
    asked = text_message("a")
    assert service.queue(db, WORDING, [asked, email("b", asked.subject_id)], NOW) == 2
    first, second = service.outbox(db, None, 10)
    assert first.body.startswith("305816 is your code")
    assert (first.status, first.attempts, first.not_before, first.created_at) == (Status.QUEUED, 0, NOW, NOW)
    assert (first.code, first.subject, first.provider_id) == ("305816", None, asked.provider_id)
    assert second.subject == "R-XLC3QK-A has closed: 12 offers"
    assert "https://dps.example/c/1" in second.body
    assert second.expires_at == NOW + timedelta(hours=72)


def test_the_same_message_queued_again_is_not_sent_twice(db: Connection) -> None:
    assert service.queue(db, WORDING, [text_message("a"), text_message("b")], NOW) == 2
    assert service.queue(db, WORDING, [text_message("b"), text_message("c")], NOW) == 1
    assert service.queue(db, WORDING, [text_message("d"), text_message("d")], NOW) == 1
    assert service.queue(db, WORDING, [text_message("a", authority="derbyshire")], NOW) == 1
    assert service.queue(db, WORDING, [], NOW) == 0


def test_a_message_without_words_queues_nothing(db: Connection) -> None:
    with pytest.raises(NoWording):
        service.queue(db, WORDING, [text_message("a"), replace(text_message("b"), kind="greeting")], NOW)
    assert service.outbox(db, None, 10) == ()


def test_thousands_are_queued_at_once_in_their_order(db: Connection) -> None:
    keys = [f"{n}" for n in range(2500)]
    assert service.queue(db, WORDING, [text_message(key) for key in keys], NOW) == 2500
    assert [message.dedupe_key for message in service.outbox(db, None, 5000)] == keys


def test_a_claim_takes_what_is_due_and_soonest_out_of_time_first(db: Connection) -> None:
    later, sooner, unready = text_message("later"), text_message("sooner"), text_message("unready")
    sooner = replace(sooner, expires_at=NOW + timedelta(minutes=1))
    unready = replace(unready, not_before=NOW + SECOND)
    service.queue(db, WORDING, [later, sooner, unready], NOW)
    claimed = service.claim(db, NOW, 10, LEASE)
    assert [message.dedupe_key for message in claimed] == ["sooner", "later"]
    assert {(m.status, m.attempts, m.lease_until, m.doubtful) for m in claimed} == {
        (Status.SENDING, 1, NOW + LEASE, False)
    }
    assert service.claim(db, NOW, 10, LEASE) == ()
    assert [m.dedupe_key for m in service.claim(db, NOW + SECOND, 10, LEASE)] == ["unready"]


def test_a_claim_takes_no_more_than_its_limit(db: Connection) -> None:
    service.queue(db, WORDING, [text_message(f"{n}") for n in range(5)], NOW)
    assert [len(service.claim(db, NOW, 2, LEASE)) for _ in range(4)] == [2, 2, 1, 0]


def test_a_lease_that_ran_out_is_claimed_again_and_the_first_worker_is_fenced_off(db: Connection) -> None:
    service.queue(db, WORDING, [text_message("a")], NOW)
    (first,) = service.claim(db, NOW, 10, LEASE)
    assert service.claim(db, NOW + LEASE - SECOND, 10, LEASE) == ()
    (second,) = service.claim(db, NOW + LEASE, 10, LEASE)
    assert (second.id, second.attempts, second.doubtful) == (first.id, 2, True)
    assert settle(db, first.id, first.attempts, Sent("SM1"), NOW + LEASE) is None
    assert only(db).status is Status.SENDING
    event = settle(db, second.id, second.attempts, Sent("SM2"), NOW + LEASE)
    assert event is not None and event.status is Status.SENT
    assert only(db).provider_ref == "SM2"
    assert settle(db, second.id, second.attempts, Sent("SM2"), NOW + LEASE) is None


@pytest.mark.parametrize(
    ("result", "status", "settled", "sent", "due"),
    [
        (Sent("SM1"), Status.SENT, False, True, 0),
        (Sent("SM1", delivered=True), Status.DELIVERED, True, True, 0),
        (Refused("twilio 400 code 21610", permanent=True), Status.FAILED, True, False, 0),
        (Refused("twilio 429", permanent=False), Status.QUEUED, False, False, 1),
        (Unclear("ReadTimeout"), Status.QUEUED, False, False, 1),
    ],
)
def test_a_result_is_settled(
    db: Connection, result: Result, status: Status, settled: bool, sent: bool, due: int
) -> None:
    service.queue(db, WORDING, [text_message("a")], NOW)
    (message,) = service.claim(db, NOW, 10, LEASE)
    event = settle(db, message.id, 1, result, NOW)
    after = only(db)
    assert event is not None
    assert event.status is after.status is status
    assert (after.settled_at is not None, after.sent_at is not None) == (settled, sent)
    assert after.not_before == NOW + due * SECOND
    assert after.lease_until is None
    assert after.doubtful == isinstance(result, Unclear)
    assert after.last_error == getattr(result, "reason", None)


def test_a_message_is_tried_by_the_plan_until_its_time_is_out(db: Connection) -> None:
    service.queue(db, WORDING, [replace(text_message("a"), expires_at=NOW + timedelta(minutes=2))], NOW)
    tried, now = [], NOW
    while now < NOW + timedelta(minutes=3):
        for message in service.claim(db, now, 10, LEASE):
            tried.append(int((now - NOW).total_seconds()))
            settle(db, message.id, message.attempts, Refused("twilio 429", permanent=False), now)
        now += SECOND
    assert tried == [0, 1, 3, 8, 18, 48, 78, 108]
    assert only(db).status is Status.EXPIRED
    assert only(db).last_error == "twilio 429"


def test_what_nobody_took_over_in_time_expires_and_what_a_worker_still_holds_does_not(db: Connection) -> None:
    keys = ["waiting", "held", "lost"]
    service.queue(db, WORDING, [replace(text_message(key), expires_at=NOW + LEASE) for key in keys], NOW)
    claimed = {m.dedupe_key: m for m in service.claim(db, NOW, 10, LEASE)}
    settle(db, claimed["waiting"].id, 1, Refused("later", permanent=False), NOW)
    db.execute(
        text("UPDATE message SET lease_until = :later WHERE id = :id"),
        {"later": NOW + 2 * LEASE, "id": claimed["held"].id},
    )
    assert service.claim(db, NOW + LEASE, 10, LEASE) == ()
    after = {m.dedupe_key: m for m in service.outbox(db, None, 10)}
    assert [(after[key].status, after[key].doubtful) for key in keys] == [
        (Status.EXPIRED, False),
        (Status.SENDING, False),
        (Status.EXPIRED, True),
    ]
    assert after["lost"].settled_at == NOW + LEASE


def test_the_outbox_is_newest_last_and_goes_on_after_an_id(db: Connection) -> None:
    for n in range(7):
        service.queue(db, WORDING, [text_message(f"{n}", authority="derbyshire" if n % 2 else "derby-city")], NOW)
    everything = service.outbox(db, None, 100)
    assert [m.dedupe_key for m in everything] == list("0123456")
    assert [m.dedupe_key for m in service.outbox(db, None, 3)] == list("456")
    assert [m.dedupe_key for m in service.outbox(db, everything[1].id, 3)] == list("234")
    assert [m.dedupe_key for m in service.outbox(db, None, 100, "derbyshire")] == list("135")
    assert service.outbox(db, everything[-1].id, 3) == ()
    with pytest.raises(UnknownMessage):
        service.outbox(db, MessageId(uuid4()), 3)


def test_messages_are_counted_by_subject(db: Connection) -> None:
    here, there, nowhere = uuid4(), uuid4(), uuid4()
    service.queue(db, WORDING, [text_message(f"{n}", here) for n in range(5)], NOW)
    service.queue(db, WORDING, [email("e", here), email("f", there)], NOW)
    answers: list[Result] = [Sent("1", delivered=True), Sent("2", delivered=True), Refused("no", True), Sent("3")]
    for message, answer in zip(service.outbox(db, None, 10), answers, strict=False):
        db.execute(text("UPDATE message SET not_before = :t WHERE id = :id"), {"t": NOW, "id": message.id})
        service.claim(db, NOW, 10, LEASE)
        settle(db, message.id, 1, answer, NOW)
    assert service.counts_by_subject(db, [here, there, nowhere]) == {
        here: Counts(waiting=2, sent=1, delivered=2, failed=1),
        there: Counts(waiting=1),
        nowhere: Counts(),
    }
    assert service.counts_by_subject(db, [here], kind="competition_closed")[here].total == 1


def test_claiming_reads_only_what_waits_however_much_is_done(db: Connection) -> None:
    service.queue(db, WORDING, [text_message(f"{n}") for n in range(3000)], NOW)
    db.execute(text("UPDATE message SET status = 'delivered', settled_at = created_at"))
    service.queue(db, WORDING, [text_message("new")], NOW)
    db.execute(text("ANALYZE message"))
    db.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    before = db.execute(SCANS).one()
    for _ in range(8):  # the driver prepares a statement at its sixth use
        service.claim(db, NOW, 50, LEASE)
    after = db.execute(SCANS).one()
    assert after.whole == before.whole
    assert after.indexed > before.indexed


@pytest.mark.parametrize(
    "nonsense",
    [
        "status = 'lost'",
        "medium = 'fax'",
        "status = 'sending'",
        "lease_until = created_at",
        "status = 'delivered'",
        "settled_at = created_at",
        "subject = 'a text has none'",
        "attempts = -1",
    ],
)
def test_the_database_refuses_nonsense(db: Connection, nonsense: str) -> None:
    service.queue(db, WORDING, [text_message("a")], NOW)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(f"UPDATE message SET {nonsense}"))


def test_two_claimers_never_get_the_same_message(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as db:
        service.queue(db, WORDING, [text_message(f"{n}") for n in range(400)], NOW)
    claimed: list[MessageId] = []
    start = threading.Barrier(6)

    def claimer() -> None:
        start.wait()
        while True:
            with fresh_engine.begin() as db:
                batch = service.claim(db, NOW, 7, LEASE)
            if not batch:
                return
            claimed.extend(message.id for message in batch)

    threads = [threading.Thread(target=claimer) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 400
    assert max(Counter(claimed).values()) == 1


def test_a_claimer_passes_over_what_another_is_claiming_and_does_not_wait(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as db:
        service.queue(db, WORDING, [text_message("a"), text_message("b")], NOW)
    with fresh_engine.begin() as one, fresh_engine.begin() as other:
        other.execute(text("SET LOCAL lock_timeout = '2s'"))
        (first,) = service.claim(one, NOW, 1, LEASE)
        (second,) = service.claim(other, NOW, 10, LEASE)
    assert first.id != second.id


class Recorder:
    """A channel that answers what it was told to and writes down what it was given."""

    medium = Medium.SMS

    def __init__(self, answer: Callable[[Message], Result]) -> None:
        self.answer = answer
        self.given: list[str] = []

    def send(self, message: Message, now: datetime) -> Result:
        self.given.append(message.dedupe_key)
        return self.answer(message)

    def find(self, message: Message, known: Known) -> Result | None:
        return None


def at(instant: datetime) -> Callable[[Connection], datetime]:
    return lambda db: instant


def statuses(engine: Engine) -> Counter[Status]:
    with engine.begin() as db:
        return Counter(message.status for message in service.outbox(db, None, 1000))


def test_kept_here_is_delivered_at_once(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as db:
        service.queue(db, WORDING, [text_message("a"), email("b", uuid4())], NOW)
    assert post.post_due(fresh_engine.begin, at(NOW), KEPT) == 2
    assert post.post_due(fresh_engine.begin, at(NOW), KEPT) == 0
    with fresh_engine.begin() as db:
        for message in service.outbox(db, None, 10):
            assert (message.status, message.provider_ref) == (Status.DELIVERED, f"kept-{message.id}")
            assert message.sent_at == message.settled_at == NOW


def test_no_transaction_is_open_while_a_channel_sends(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as db:
        service.queue(db, WORDING, [text_message("a"), text_message("b")], NOW)
    seen = []

    def look(message: Message) -> Result:
        with fresh_engine.begin() as db:
            seen.append(
                db.execute(
                    text(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
                    )
                ).scalar_one()
            )
        return Sent("SM1")

    assert post.post_due(fresh_engine.begin, at(NOW), {Medium.SMS: Recorder(look)}, hands=1) == 2
    assert seen == [0, 0]


def test_a_channel_that_breaks_does_not_stop_the_others(fresh_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with fresh_engine.begin() as db:
        service.queue(db, WORDING, [text_message("a"), text_message("b")], NOW)

    def breaking(message: Message) -> Result:
        if message.dedupe_key == "a":
            raise RuntimeError(message.to)
        return Sent("SM1")

    assert post.post_due(fresh_engine.begin, at(NOW), {Medium.SMS: Recorder(breaking)}) == 2
    assert statuses(fresh_engine) == {Status.QUEUED: 1, Status.SENT: 1}
    assert "RuntimeError" in caplog.text
    assert "+447700900123" not in caplog.text


def test_a_medium_without_a_channel_waits_and_says_why(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as db:
        service.queue(db, WORDING, [email("a", uuid4())], NOW)
    post.post_due(fresh_engine.begin, at(NOW), {})
    with fresh_engine.begin() as db:
        assert only(db).status is Status.QUEUED
        assert only(db).last_error == "no channel for email"


def waiting(engine: Engine, *keys: str, minutes: int = 10) -> None:
    with engine.begin() as db:
        left = NOW + timedelta(minutes=minutes)
        service.queue(db, WORDING, [replace(text_message(key), expires_at=left) for key in keys], NOW)


def test_a_send_that_hangs_holds_up_nobody_else(fresh_engine: Engine) -> None:
    waiting(fresh_engine, "slow", "quick", "later")
    going, quick = threading.Event(), threading.Event()

    def answer(message: Message) -> Result:
        if message.dedupe_key == "slow":
            assert going.wait(10)
        else:
            quick.set()
        return Sent("SM1")

    postman = post.Postman(fresh_engine.begin, at(NOW), {Medium.SMS: Recorder(answer)}, hands=2)
    assert postman.post_due() == 3
    assert quick.wait(10)
    going.set()
    postman.close()
    assert statuses(fresh_engine) == {Status.SENT: 3}


def test_a_postman_of_one_medium_carries_no_other(fresh_engine: Engine) -> None:
    waiting(fresh_engine, "a")
    with fresh_engine.begin() as db:
        service.queue(db, WORDING, [email("b", uuid4())], NOW)
    letters = post.Postman(fresh_engine.begin, at(NOW), KEPT, medium=Medium.EMAIL)
    assert (letters.post_due(), letters.post_due()) == (1, 0)
    letters.close()
    with fresh_engine.begin() as db:
        standing = {one.medium: one.status for one in service.outbox(db, None, 10)}
    assert standing == {Medium.SMS: Status.QUEUED, Medium.EMAIL: Status.DELIVERED}


def test_no_more_is_claimed_than_there_are_hands_for(fresh_engine: Engine) -> None:
    waiting(fresh_engine, *"abcdefgh")
    held: list[int] = []

    def look(message: Message) -> Result:
        held.append(statuses(fresh_engine)[Status.SENDING])
        return Sent("SM1")

    assert post.post_due(fresh_engine.begin, at(NOW), {Medium.SMS: Recorder(look)}, hands=3) == 8
    assert max(held) <= 3


def test_what_another_worker_took_after_a_stall_is_left_to_it(fresh_engine: Engine) -> None:
    waiting(fresh_engine, "a")

    def stalled(message: Message) -> Result:
        assert post.post_due(fresh_engine.begin, at(NOW + LEASE), KEPT) == 1
        return Sent("SM1")

    assert post.post_due(fresh_engine.begin, at(NOW), {Medium.SMS: Recorder(stalled)}) == 1
    assert statuses(fresh_engine) == {Status.DELIVERED: 1}


def test_many_postmen_send_each_message_once(fresh_engine: Engine) -> None:
    waiting(fresh_engine, *(f"{n}" for n in range(200)))
    sending = Recorder(lambda message: Sent("SM1"))
    begin: Callable[[], AbstractContextManager[Connection]] = fresh_engine.begin

    def postman() -> None:
        post.post_due(begin, at(NOW), {Medium.SMS: sending}, hands=3)

    threads = [threading.Thread(target=postman) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sending.given, key=int) == [f"{n}" for n in range(200)]
    assert statuses(fresh_engine) == {Status.SENT: 200}


class Lost(Recorder):
    """A provider that takes a text over and loses its answer; asked, it says what it is told to."""

    def __init__(self, asked: Result | None) -> None:
        super().__init__(lambda message: Unclear("ReadTimeout"))
        self.asked = asked
        self.known: list[Known] = []

    def find(self, message: Message, known: Known) -> Result | None:
        self.known.append(known)
        return self.asked


@pytest.mark.parametrize(
    ("asked", "sent", "status"),
    [
        (Sent("SM9"), 1, Status.SENT),
        (Sent("SM9", delivered=True), 1, Status.DELIVERED),
        (Refused("twilio undelivered", permanent=True), 1, Status.FAILED),
        (Unclear("twilio 500"), 1, Status.QUEUED),
        (None, 2, Status.QUEUED),
    ],
)
def test_a_doubtful_message_is_asked_for_before_it_is_sent_again(
    fresh_engine: Engine, asked: Result | None, sent: int, status: Status
) -> None:
    waiting(fresh_engine, "a")
    channel = Lost(asked)
    post.post_due(fresh_engine.begin, at(NOW), {Medium.SMS: channel})
    assert (channel.known, len(channel.given)) == ([], 1)
    post.post_due(fresh_engine.begin, at(NOW + SECOND), {Medium.SMS: channel})
    assert (channel.known, len(channel.given)) == ([Known()], sent)
    assert statuses(fresh_engine) == {status: 1}


def test_only_the_last_try_before_the_expiry_is_made_blindly(
    fresh_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    waiting(fresh_engine, "a", minutes=1)
    channel = Lost(Unclear("twilio 500"))
    for second in range(60):
        post.post_due(fresh_engine.begin, at(NOW + second * SECOND), {Medium.SMS: channel})
    assert len(channel.given) == 2  # the first and the last
    assert "may go out twice" in caplog.text


def test_what_is_known_of_an_addresss_other_messages_goes_along(db: Connection) -> None:
    service.queue(db, WORDING, [text_message(key) for key in "abcd"], NOW)
    first, second, third, fourth = service.claim(db, NOW, 10, LEASE)
    settle(db, second.id, 1, Sent("SM2"), NOW)
    settle(db, third.id, 1, Unclear("reset"), NOW)
    settle(db, fourth.id, 1, Refused("twilio 429", permanent=False), NOW)
    assert service.known(db, first) == Known(frozenset({"SM2"}), in_doubt=1)
    settle(db, first.id, 1, Unclear("reset"), NOW)
    service.report(db, Report(third.id, "SM3", "sent", Verb.ACCEPT), NOW)
    assert service.known(db, first) == Known(frozenset({"SM2", "SM3"}))


# Reports


STATUSES = {
    "queued": Verb.ACCEPT,
    "sending": Verb.ACCEPT,
    "sent": Verb.ACCEPT,
    "delivered": Verb.DELIVER,
    "undelivered": Verb.REFUSE,
    "failed": Verb.REFUSE,
}


def a_report(message: Message, status: str, ref: str = "SM1") -> Report:
    return Report(message.id, ref, status, STATUSES[status])


def test_reports_in_any_order_lead_forward_and_never_back(db: Connection) -> None:
    orders = list(permutations(STATUSES))[::7]
    for place, order in enumerate(orders):
        service.queue(db, WORDING, [text_message(f"{place}")], NOW)
        (message,) = service.claim(db, NOW, 10, LEASE)
        settle(db, message.id, 1, Sent("SM1"), NOW)
        ranks = []
        for status in order:
            for _ in range(2):
                service.report(db, a_report(message, status), NOW)
                ranks.append(rules.rank(service.outbox(db, None, 1)[0].status))
        assert ranks == sorted(ranks)
        ends = next(one for one in order if STATUSES[one] is not Verb.ACCEPT)
        after = service.outbox(db, None, 1)[0]
        assert after.status is (Status.DELIVERED if ends == "delivered" else Status.FAILED)
        assert after.settled_at == NOW
    kept = db.execute(text("SELECT count(*) FROM message_report")).scalar_one()
    assert kept == len(orders) * len(STATUSES)


def test_a_report_before_the_answer_settles_the_try_and_the_answer_changes_nothing(db: Connection) -> None:
    service.queue(db, WORDING, [text_message("a")], NOW)
    (message,) = service.claim(db, NOW, 10, LEASE)
    assert service.report(db, a_report(message, "delivered"), NOW) is not None
    assert settle(db, message.id, 1, Sent("SM1"), NOW) is None
    assert (only(db).status, only(db).provider_ref, only(db).lease_until) == (Status.DELIVERED, "SM1", None)


def test_a_report_ties_a_lost_reference_to_its_message_so_that_it_is_not_sent_again(db: Connection) -> None:
    service.queue(db, WORDING, [text_message("a")], NOW)
    (message,) = service.claim(db, NOW, 10, LEASE)
    settle(db, message.id, 1, Unclear("ReadTimeout"), NOW)
    service.report(db, a_report(message, "queued", "SM7"), NOW)
    assert (only(db).status, only(db).provider_ref) == (Status.SENT, "SM7")
    assert service.claim(db, NOW + timedelta(minutes=5), 10, LEASE) == ()


def test_reports_about_nothing_that_was_sent_are_refused_without_effect(db: Connection) -> None:
    service.queue(db, WORDING, [text_message("a")], NOW)
    message = only(db)
    with pytest.raises(UnknownMessage):
        service.report(db, a_report(message, "delivered"), NOW)  # never tried
    service.claim(db, NOW, 10, LEASE)
    settle(db, message.id, 1, Sent("SM1"), NOW)
    for strange in (a_report(message, "delivered", "SM2"), replace(a_report(message, "sent"), message_id=uuid4())):
        with pytest.raises(UnknownMessage):
            service.report(db, strange, NOW)
    assert only(db).status is Status.SENT
    assert db.execute(text("SELECT count(*) FROM message_report")).scalar_one() == 0


def test_of_two_copies_the_one_that_arrives_counts(db: Connection) -> None:
    service.queue(db, WORDING, [text_message("a")], NOW)
    (message,) = service.claim(db, NOW, 10, LEASE)
    settle(db, message.id, 1, Unclear("ReadTimeout"), NOW)
    (message,) = service.claim(db, NOW + SECOND, 10, LEASE)
    settle(db, message.id, 2, Sent("SM2"), NOW + SECOND)
    assert service.report(db, a_report(message, "failed", "SM1"), NOW) is None
    assert only(db).status is Status.SENT
    assert service.report(db, replace(a_report(message, "delivered", "SM1")), NOW) is not None
    assert only(db).status is Status.DELIVERED


# Who wants no texts


def test_a_number_that_opted_out_gets_no_texts_until_it_opts_in(db: Connection) -> None:
    service.opt_out(db, "+447700900123", NOW)
    service.queue(db, WORDING, [text_message("a"), email("b", uuid4())], NOW)
    assert [message.medium for message in service.claim(db, NOW, 10, LEASE)] == [Medium.EMAIL]
    refused = service.outbox(db, None, 10)[0]
    assert (refused.status, refused.last_error, refused.settled_at) == (Status.FAILED, "opted out", NOW)
    service.opt_in(db, "+447700900123", NOW + SECOND)
    assert not service.opted_out(db, "+447700900123")
    service.queue(db, WORDING, [text_message("c")], NOW)
    assert [message.dedupe_key for message in service.claim(db, NOW, 10, LEASE)] == ["c"]
    service.opt_out(db, "+447700900123", NOW + 2 * SECOND)
    assert service.opted_out(db, "+447700900123")


def test_the_networks_own_opt_out_is_kept_too(db: Connection) -> None:
    service.queue(db, WORDING, [text_message("a"), text_message("b")], NOW)
    first, _ = service.claim(db, NOW, 10, LEASE)
    settle(db, first.id, 1, Refused("twilio 400 code 21610", permanent=True, opted_out=True), NOW)
    assert service.opted_out(db, "+447700900123")
