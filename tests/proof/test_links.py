"""The ruler of the links' proof: blind to the first sight alone, and to nothing that a post does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.proof import links
from tests.proof.links import World


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[World]:
    with links._settled(postgres_url) as template, links.a_world(postgres_url, template) as made:
        yield made


def test_looking_changes_nothing_and_every_act_shows(world: World) -> None:
    opened = world.road.opened()
    token = world.road.token(opened)
    before = world.digest()
    assert world.client.get(f"/b/{token}", headers={"accept": "text/html"}).status_code == 200
    with world.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM invitation WHERE seen_at IS NOT NULL")).scalar_one() == 1
    assert world.digest() == before
    acts: tuple[tuple[str, dict[str, str]], ...] = (
        (f"/b/{token}/question", {"text": "Is there a garden?"}),
        (f"/api/invitations/{token}/code", {}),
        (f"/b/{token}/decline", {"reason": "no_room", "note": ""}),
    )
    for path, data in acts:
        world.client.post(path, data=data, headers={"accept": "text/html"}, follow_redirects=False)
        after = world.digest()
        assert after != before, path
        before = after


def test_every_table_there_is_is_digested(world: World) -> None:
    with world.engine.connect() as db:
        names = db.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    assert all(f'FROM "{name}"' in world.digest_sql for name in names)
    assert {"bid", "question", "message", "record", "offer_code", "decision"} <= set(names)
