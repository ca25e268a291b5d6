"""Revision 0002 on a database that holds plain bids: what stood stays readable, and nothing is read early."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from brokerage import migrations

CLOSED, STANDING, REPLACED = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
def old(empty_database_url: str) -> Iterator[Connection]:
    """Give a database of revision 0001 with one closed competition: an offer stands in it, another was replaced."""
    with create_engine(empty_database_url, poolclass=NullPool).connect() as db:
        command.upgrade(migrations.config(db), "0001")
        db.execute(text("SET session_replication_role = replica"))  # no authority, referral or provider is needed here
        db.execute(
            text(
                "INSERT INTO competition (authority, id, referral_id, reference, state, urgency, opens_at, closes_at,"
                " closed_at, weight_price, weight_quality, weight_social, category, hours, age, profile, questions,"
                " budget_weekly, housing_benefit_weekly, legal_basis) VALUES ('derby-city', :id, :id, 'R-1', 'closed',"
                " 'urgent', '2026-11-21 13:00Z', '2026-11-21 14:00Z', '2026-11-21 14:00:01Z', 40, 50, 10, '1.2', 10,"
                " 17, '{}', '[]', 900, 0, '')"
            ),
            {"id": CLOSED},
        )
        db.execute(
            text(
                "INSERT INTO invitation (authority, id, competition_id, provider_id, token_hash, block_discount,"
                " versions, standing_bid) VALUES ('derby-city', :id, :id, :id, '', 0, 2, :standing)"
            ),
            {"id": CLOSED, "standing": STANDING},
        )
        for bid, version in ((REPLACED, 1), (STANDING, 2)):
            db.execute(
                text(
                    "INSERT INTO bid (authority, id, competition_id, provider_id, invitation_id, version, content,"
                    " received_at, digest) VALUES ('derby-city', :bid, :id, :id, :id, :version, :content,"
                    " '2026-11-21 13:30Z', 'digest')"
                ),
                {"bid": bid, "id": CLOSED, "version": version, "content": f'{{"version": {version}}}'},
            )
        db.execute(text("SET session_replication_role = DEFAULT"))
        db.commit()
        yield db
        db.rollback()


def test_what_stood_at_a_close_is_kept_readable_there_and_back(old: Connection) -> None:
    command.upgrade(migrations.config(old), "0002")
    assert old.execute(text("SELECT bid_id, content FROM opened_bid")).all() == [(STANDING, '{"version": 2}')]
    assert old.execute(text("SELECT unsealed_at = closed_at FROM competition")).scalars().all() == [True]
    assert old.execute(text("SELECT count(*) FROM bid WHERE sealed = ''")).scalar_one() == 2
    command.downgrade(migrations.config(old), "0001")
    kept = old.execute(text("SELECT id, content FROM bid ORDER BY version")).all()
    assert kept == [(REPLACED, "{}"), (STANDING, '{"version": 2}')]
    command.upgrade(migrations.config(old), "0002")


def test_nothing_is_moved_while_a_competition_is_open(old: Connection) -> None:
    old.execute(text("SET session_replication_role = replica"))
    old.execute(text("UPDATE competition SET state = 'open', closed_at = NULL"))
    old.execute(text("SET session_replication_role = DEFAULT"))
    old.commit()
    with pytest.raises(DBAPIError, match="migrate again after its close"):
        command.upgrade(migrations.config(old), "0002")


def test_there_is_no_way_back_while_an_offer_is_sealed(old: Connection) -> None:
    command.upgrade(migrations.config(old), "0002")
    old.commit()
    old.execute(text("SET session_replication_role = replica"))
    old.execute(text("UPDATE competition SET unsealed_at = NULL"))
    old.execute(text("SET session_replication_role = DEFAULT"))
    with pytest.raises(DBAPIError, match="go back after they were opened"):
        command.downgrade(migrations.config(old), "0001")
