"""The real Twilio client through Prism to a Twilio of our own: what we say and read is what Twilio describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from notifications.channels import TwilioSms
from notifications.model import Known, Message, MessageId, Refused, Result, Sent, Unclear
from tests.prism.conftest import contract
from tests.store.notifications.fake_twilio import ACCOUNT, FakeTwilio
from tests.store.notifications.test_notification_channels import MESSAGE

TOKEN = "not-a-real-token"


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeTwilio]:
    contract("twilio_api_v2010.json")
    with FakeTwilio(TOKEN, whole_addresses=True) as running:
        yield running


@pytest.fixture(scope="module")
def texts(fake: FakeTwilio, proxy: Callable[[str, str], str]) -> TwilioSms:
    address = proxy("twilio_api_v2010.json", fake.url)
    return TwilioSms(ACCOUNT, TOKEN, "+447700900999", base_url=address, timeout=3)


def a_message() -> Message:
    now = datetime.now(UTC)  # noqa: TID251  # the supplier reads its own
    message_id = MessageId(uuid4())
    expires = now + timedelta(hours=1)
    return replace(MESSAGE, id=message_id, body=f"Hello {message_id}", created_at=now, expires_at=expires)


def ref(found: Result | None) -> str | None:
    """Say which text was found: whether it has arrived by then is the supplier's haste."""
    assert found is None or isinstance(found, Sent), found
    return found.provider_ref if found else None


def test_a_text_is_taken_over_as_described(texts: TwilioSms, fake: FakeTwilio) -> None:
    message = a_message()
    sent = texts.send(message, message.created_at)
    assert sent == Sent(fake.texts[-1]["sid"])
    assert isinstance(sent, Sent)
    assert fake.texts[-1]["body"] == message.body
    assert ref(texts.find(message, Known())) == sent.provider_ref


@pytest.mark.parametrize(("fate", "there"), [("after", True), ("before", False), ("hang", True)])
def test_after_an_unclear_answer_the_text_is_found_or_surely_not_there(
    texts: TwilioSms, fake: FakeTwilio, fate: str, there: bool
) -> None:
    message = a_message()
    fake.script.append(fate)
    assert isinstance(texts.send(message, message.created_at), Unclear)
    found = texts.find(message, Known())
    assert ref(found) == (fake.texts[-1]["sid"] if there else None)
    assert texts.find(message, Known(frozenset({fake.texts[-1]["sid"]}))) is None


def test_refusals_are_read_as_described(texts: TwilioSms, fake: FakeTwilio) -> None:
    message = a_message()
    fake.script += ["late", "opted out"]
    assert texts.send(message, message.created_at) == Refused("twilio 429 code 20429", permanent=False)
    answered = texts.send(message, message.created_at)
    assert answered == Refused("twilio 400 code 21610", permanent=True, opted_out=True)


def test_a_text_without_words_left_is_told_apart_by_what_else_is_known(texts: TwilioSms, fake: FakeTwilio) -> None:
    fake.discards = True
    try:
        message = a_message()
        others = frozenset(one["sid"] for one in fake.texts)
        texts.send(message, message.created_at)
        assert ref(texts.find(message, Known(others))) == fake.texts[-1]["sid"]
        assert isinstance(texts.find(message, Known(others, in_doubt=1)), Unclear)
    finally:
        fake.discards = False


def test_what_the_supplier_lost_is_no_success(texts: TwilioSms, fake: FakeTwilio) -> None:
    message = a_message()
    texts.send(message, message.created_at)
    fake.texts[-1].update(status="undelivered", error_code=30005)
    assert texts.find(message, Known()) == Refused("twilio undelivered code 30005", permanent=True)


def test_prism_sees(fake: FakeTwilio, proxy: Callable[[str, str], str], texts: TwilioSms) -> None:
    """A judge that lets everything pass proves nothing: a text that breaks the description is refused on the way."""
    wrong = TwilioSms(ACCOUNT, TOKEN, "+447700900999", base_url=texts._client.api.base_url, timeout=3)
    wrong._callback = "http://127.0.0.1:9/webhooks/twilio/status"
    assert isinstance(wrong.send(a_message(), datetime.now(UTC)), Sent)  # noqa: TID251  # as above
    wrong._callback = "not an address"
    before = len(fake.texts)
    assert isinstance(wrong.send(a_message(), datetime.now(UTC)), Refused)  # noqa: TID251  # as above
    assert len(fake.texts) == before
