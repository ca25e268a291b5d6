"""Whatever is typed about a young person, and wherever: no provider reads it before award (S7)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from brokerage.competitions import store as competition_store
from brokerage.desk import flow
from brokerage.desk.work import SYSTEM, Desk
from brokerage.referrals.errors import IdentityWouldShow
from tests.desk.road import (
    DERBY,
    PEOPLE,
    Open,
    a_desk,
    agree,
    ask,
    award,
    bid,
    close,
    decide,
    evaluate,
    look,
    open_again,
    record,
    withdraw,
)
from tests.pure.referrals.documents import a_document, answers

# Names that are no words of any language, so that to find one is to have leaked it.
names = st.from_regex(r"[BDGKLMTVZ][aeiou]z[bdgk][aeiou]q[aeiou]x[aeiou]", fullmatch=True)
births = st.dates(date(2008, 12, 1), date(2010, 11, 1))
FORMS = ("{}", "{}'s", "({})", "_{}_", "{},", "**{}**")


@st.composite
def identities(draw: st.DrawFn) -> tuple[dict[str, Any], date, list[str]]:
    """Draw who somebody is, when they were born, and every word that tells it."""
    given_name, family, nick, school, mother, street = draw(st.lists(names, min_size=6, max_size=6, unique=True))
    nhs = draw(st.from_regex(r"9[0-9]{9}", fullmatch=True))
    person = {
        "given_name": given_name,
        "family_name": family,
        "known_as": nick,
        "school": f"{school} Academy",
        "relatives": [f"{mother} {family} (mother)"],
        "address": f"12 {street} Road, Derby DE22 2AB",
        "nhs_number": nhs,
    }
    return person, draw(births), [given_name, family, nick, school, mother, f"{street} Road", nhs, "DE22 2AB"]


@st.composite
def told(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    """Draw a referral that says who it is about in every field that takes words."""
    person, born, words = draw(identities())
    birth = f"{born.day} {born:%B %Y}"
    said = [*words, f"{words[0]} {words[1]}", birth, born.strftime("%d/%m/%Y"), "07700 900123", "jay@example.org"]

    def text() -> str:
        few = draw(st.lists(st.sampled_from(said), min_size=1, max_size=5))
        return "We met " + " and ".join(draw(st.sampled_from(FORMS)).format(one) for one in few) + " at the office."

    document = a_document(
        date_of_birth=born.isoformat(),
        young_person=person,
        outcomes=[{"key": "home", "text": text()}, {"key": "education", "text": text()}],
        risk_plan=text(),
        pathway_plan=text(),
        out_of_area_reason=text(),
        answers=answers(money=3),
        evidence={"money": text()},
        override={"hours": 7, "reason": text()},
    )
    return document, [*words, birth, born.isoformat(), born.strftime("%d/%m/%Y"), "900123", "jay@example.org"]


def test_nothing_that_tells_who_it_is_reaches_a_provider_or_the_record(desk: Desk) -> None:
    reached: list[int] = []

    @settings(
        max_examples=8,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(told())
    def walk(case: tuple[dict[str, Any], list[str]]) -> None:
        document, secrets = case
        on_the_spot = a_desk(desk.engine)
        try:
            with on_the_spot.work(PEOPLE["placements"]) as work:
                raised = flow.raise_referral(work, document)
        except IdentityWouldShow:
            return  # refused, so nothing went out
        opened = open_again(on_the_spot, raised.referral_id)
        receipts = [
            bid(on_the_spot, door, price) for door, price in zip(opened.doors, ("340.00", "350.00"), strict=False)
        ]
        seen = provider_sees(on_the_spot, opened)
        close(on_the_spot, opened)
        evaluate(on_the_spot, opened)
        made = award(on_the_spot, opened, receipts[1].bid_id, f"{secrets[0]} would like to live there")
        decide(on_the_spot, made.award_id, "refuse")
        again = award(on_the_spot, opened, receipts[0].bid_id, f"{secrets[0]} agrees")
        decide(on_the_spot, again.award_id)
        if len(reached) % 2:
            withdraw(on_the_spot, opened.referral_id, f"{secrets[0]} went home to {secrets[4]}")
        else:
            agree(on_the_spot, again.award_id)
        seen += messages(on_the_spot) + lines(on_the_spot, raised.referral_id)
        for secret in secrets:
            told_where = [text for text in seen if secret.casefold() in text.casefold()]
            assert not told_where, (secret, told_where[0][:500])
        reached.append(1)

    walk()
    assert len(reached) >= 5, "most plans go out, with who it is about taken out"


def provider_sees(desk: Desk, opened: Open) -> list[str]:
    """Gather all that a provider's page and API can know."""
    door = opened.doors[0]
    gate = look(desk, door)
    with desk.work(SYSTEM) as work:
        competition = competition_store.competition(work.db, DERBY, opened.id)
        standing = competition_store.standing_bid(work.db, look(desk, door))
        mine = [one for one in competition_store.of_provider(work.db, door.provider_id) if one[0].id == opened.id]
        stored = work.db.exec_driver_sql(
            "SELECT row_to_json(c)::text FROM competition c WHERE id = %(id)s", {"id": opened.id}
        ).scalar_one()
    return [repr(gate), repr(competition), repr(standing), repr(mine), stored, repr(opened.event)]


def messages(desk: Desk) -> list[str]:
    return [row[0] for row in ask(desk, "SELECT row_to_json(m)::text FROM message m")]


def lines(desk: Desk, referral_id: UUID) -> list[str]:
    return [f"{line.actor} {line.kind} {line.body}" for line in record(desk, referral_id)]
