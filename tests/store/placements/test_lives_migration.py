"""What was agreed before a placement's life was kept goes on living in it."""

from __future__ import annotations

from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from brokerage import migrations

PROVIDER = """
INSERT INTO provider (id, name, email, mobile, phone, out_of_hours, ofsted_urn, ofsted_categories, admitted_at)
VALUES (gen_random_uuid(), 'Alder Homes', 'a@alder.example', '07700 900101', '07700 900102', '', NULL, '{}',
  '2026-11-01 09:00+00')
"""
AGREEMENT = """
INSERT INTO agreement (authority, id, reference, award_id, referral_id, provider_id, category, hours,
  accommodation_weekly, support_hourly, housing_benefit_weekly, beds, block_discount, weekly_cost, bespoke, met_on,
  starts_on, ends_on, state, agreed_at, outcomes, under_18)
SELECT 'derby-city', gen_random_uuid(), reference, gen_random_uuid(), gen_random_uuid(), provider.id, '1.2', 10, 300,
  20, 0, 1, 0, 500, false, '2026-11-20', '2026-12-01', '2027-08-31', state, '2026-11-23 09:00+00', '[]', false
FROM provider, (VALUES ('A-1', 'agreed'), ('A-2', 'ended')) AS made (reference, state)
"""
REVIEW = """
INSERT INTO review (authority, id, agreement_id, number, due_on, kind, state)
SELECT authority, gen_random_uuid(), id, 1, '2026-12-15', 'first', 'due' FROM agreement
"""


def test_agreements_made_before_get_their_first_version_and_can_go_back(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url, poolclass=NullPool)
    with engine.begin() as connection:
        settings = migrations.config(connection)
        command.upgrade(settings, "0004")
        for statement in (PROVIDER, AGREEMENT, REVIEW):
            connection.execute(text(statement))
        command.upgrade(settings, "0005")
        rows = connection.execute(
            text(
                "SELECT a.state, a.ended_on IS NOT NULL, a.funded_weekly, v.number, v.from_on, v.until_on,"
                " v.weekly_cost FROM agreement a JOIN agreement_version v ON v.agreement_id = a.id ORDER BY a.reference"
            )
        ).all()
        assert [tuple(map(str, row)) for row in rows] == [
            ("opened", "False", "500.00", "1", "2026-12-01", "2027-08-31", "500.00"),
            ("ended", "True", "500.00", "1", "2026-12-01", "2027-08-31", "500.00"),
        ]
        command.downgrade(settings, "0004")
        states = connection.execute(text("SELECT state FROM agreement ORDER BY reference")).scalars().all()
        assert states == ["agreed", "ended"]
        assert connection.scalar(text("SELECT count(*) FROM review")) == 2
