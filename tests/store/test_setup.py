"""What an operator adds at a command line before anybody can sign in."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from brokerage import migrations
from brokerage.desk.setup import add_authority
from lots.store import profiles


def test_a_council_is_added_under_a_law_that_is_known(empty_database_url: str) -> None:
    migrations.upgrade(empty_database_url)
    with pytest.raises(SystemExit, match=r"no legal profile magna_carta.*pa2023_dynamic_market"):
        add_authority(empty_database_url, "derby-city", "Derby City Council", "magna_carta", "")
    for number, law in enumerate(sorted(profiles())):
        add_authority(empty_database_url, f"council-{number}", "A council", law, "01632 960101")
    engine = create_engine(empty_database_url)
    with engine.connect() as db:
        known = db.execute(text("SELECT key, legal_profile, keeps_register FROM authority ORDER BY key")).all()
    engine.dispose()
    assert [tuple(one) for one in known] == [
        (f"council-{number}", law, number == 0) for number, law in enumerate(sorted(profiles()))
    ]
