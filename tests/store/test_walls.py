"""The walls between councils as PostgreSQL itself holds them, over every table, view and function there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, create_engine, text
from sqlalchemy.exc import DBAPIError

from brokerage import migrations
from brokerage.desk import flow, reach
from brokerage.desk.flow.sights import look_at_referral
from brokerage.desk.reach import Reach
from brokerage.migrations import walls
from tests.conftest import _database
from tests.desk.road import PEOPLE, a_desk, a_settled_database, agree, awarded, decide, look
from tests.pure.referrals.documents import a_document

TABLES: Final = migrations.metadata().tables
COUNCILS = sorted(name for name, one in TABLES.items() if name not in walls.SHARED and "authority" in one.columns)
"""Every table whose rows are a council's own."""
DEFINERS: Final[frozenset[str]] = frozenset()
"""Functions that run with their owner's rights: none."""
SEEN_ACROSS: Final = {
    "person": "another council's staff sees the people of the council that keeps the register, to send them notices",
    "record_head": "how long the keeper's record is, to write the next line",
}
DERBY, NOTTINGHAM = Reach(walls.APP, authority="derby-city"), Reach(walls.APP, authority="nottingham-city")
NOBODY, STRANGER = Reach(walls.APP), Reach(walls.PROVIDER, provider=str(UUID(int=7)))


@pytest.fixture(scope="module")
def seeded(postgres_url: str, _template: str) -> Iterator[Engine]:
    """A database in which Derby has something in nearly every table; nobody else has done anything."""
    with a_settled_database(postgres_url, _template) as name, _database(postgres_url, name) as url:
        engine = create_engine(url)
        desk = a_desk(engine)
        opened, award = awarded(desk)
        look(desk, opened.doors[0])
        decide(desk, award.award_id)
        agree(desk, award.award_id)
        with desk.work(PEOPLE["coordinator"]) as work:
            look_at_referral(work, opened.referral_id, "referral")
        yield engine
        engine.dispose()


def rows(db: Connection, sql: str, **values: Any) -> list[Any]:
    return list(db.execute(text(sql), values))


def count(db: Connection, table: str) -> int:
    return int(db.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())  # the table's own name


# The catalogue -------------------------------------------------------------------------------------------------------


def test_every_table_is_a_councils_a_firms_or_shared_with_a_reason() -> None:
    for name, table in TABLES.items():
        walls.policies(table, TABLES)
        assert name in walls.SHARED or "authority" in table.columns or name in walls.WITHOUT_COUNCIL_KEY
    assert set(walls.SHARED) <= set(TABLES)
    for listed in (
        walls.COUNCIL_ONLY,
        walls.APPEND_ONLY,
        walls.OPEN_TO_FIRMS,
        walls.BY_HAND,
        walls.WITHOUT_COUNCIL_KEY,
    ):
        assert set(listed) <= set(TABLES)


def test_a_table_that_is_nobodys_is_refused_when_the_walls_are_raised() -> None:
    stray = Table("stray", MetaData(), Column("id", Integer, primary_key=True))
    with pytest.raises(walls.NotUnderWallsError, match="stray"):
        walls.statements(stray.metadata)


def test_every_table_has_row_level_security_that_binds_its_owner_too(db: Connection) -> None:
    found = {
        name: (on, forced, owner)
        for name, on, forced, owner in rows(
            db,
            "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f', 'm')",
        )
    }
    assert set(found) == {*TABLES, "alembic_version"}
    for name, (on, forced, owner) in found.items():
        assert owner not in walls.ROLES, name
        assert name == "alembic_version" or (on and forced), name


def test_the_policies_are_those_that_the_declarations_ask_for_and_no_others(db: Connection) -> None:
    found = {
        (table, tuple(roles), command)
        for table, roles, command in rows(
            db, "SELECT tablename, roles::text[], cmd FROM pg_policies WHERE schemaname = 'public'"
        )
    }
    wanted = {
        (name, (policy.role,), policy.command)
        for name, table in TABLES.items()
        for policy in walls.policies(table, TABLES)
    }
    assert found == wanted
    for table in COUNCILS:
        told = rows(
            db,
            "SELECT qual, with_check FROM pg_policies WHERE tablename = :t AND 'brokerage_app' = ANY(roles)",
            t=table,
        )
        for using, check in told:
            assert all("app.authority" in one for one in (using, check) if one is not None), (table, using, check)
    assert set(rows(db, "SELECT permissive FROM pg_policies WHERE schemaname = 'public'")) == {("PERMISSIVE",)}


def test_the_roles_own_nothing_and_can_neither_sign_in_nor_pass_the_walls(db: Connection) -> None:
    told = rows(
        db,
        "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname LIKE 'brokerage%' ORDER BY 1",
    )
    assert [tuple(one) for one in told] == [(name, False, False, False, False, False) for name in sorted(walls.ROLES)]
    assert rows(db, "SELECT 1 FROM pg_class WHERE pg_get_userbyid(relowner) LIKE 'brokerage%'") == []
    for one in walls.ROLES:
        for other in walls.ROLES:
            assert one == other or not db.scalar(text("SELECT pg_has_role(:a, :b, 'MEMBER')"), {"a": one, "b": other})


def test_grants_are_the_least_that_is_needed_and_nobody_else_has_any(db: Connection) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for table, grantee, privilege in rows(
        db,
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = 'public' AND grantee <> (SELECT pg_get_userbyid(relowner)::text FROM pg_class"
        " WHERE oid = (table_schema || '.' || table_name)::regclass)",
    ):
        found.setdefault((table, grantee), set()).add(privilege)
    assert {grantee for _, grantee in found} == set(walls.ROLES)
    for (table, _), privileges in found.items():
        most = {"SELECT", "INSERT", "UPDATE", "DELETE"}
        if table in walls.APPEND_ONLY:
            most = {"SELECT", "INSERT"}
        if table == "alembic_version":
            most = {"SELECT"}
        assert privileges == most, table
    assert (
        rows(
            db,
            "SELECT 1 FROM pg_namespace"
            " WHERE nspname = 'public' AND has_schema_privilege('brokerage_app', oid, 'CREATE')",
        )
        == []
    )


def test_views_ask_with_the_rights_of_whoever_reads_them(db: Connection) -> None:
    for name, options in rows(
        db,
        "SELECT relname, coalesce(reloptions, '{}') FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'",
    ):
        assert {"security_invoker=on", "security_invoker=true"} & set(options), name
    assert rows(db, "SELECT 1 FROM pg_matviews WHERE schemaname = 'public'") == []


def test_functions_run_with_the_callers_rights_and_are_nobodys_to_call(db: Connection) -> None:
    for name, definer, config, acl in rows(
        db,
        "SELECT proname, prosecdef, proconfig, proacl::text FROM pg_proc p"
        " WHERE pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    ):
        assert not definer or (name in DEFINERS and any(one.startswith("search_path=") for one in config or ())), name
        assert acl is not None, f"PUBLIC may call {name}"
        assert "{=X" not in acl, name
        assert ",=X" not in acl, name


def test_what_hangs_on_a_councils_row_hangs_on_the_same_councils() -> None:
    for name in COUNCILS:
        for key in TABLES[name].foreign_key_constraints:
            parent = key.referred_table.name
            if parent in walls.SHARED or parent in walls.WITHOUT_COUNCIL_KEY:
                continue
            pairs = {(one.parent.name, one.column.name) for one in key.elements}
            assert ("authority", "authority") in pairs, f"{key.name} forgets whose row it is"


# What an engine's connection can reach -------------------------------------------------------------------------------


def test_derby_sees_its_own_and_the_seed_has_something_to_hide(seeded: Engine) -> None:
    with seeded.begin() as db:
        filled = {name for name in COUNCILS if count(db, name)}
        assert len(filled) >= 20, sorted(filled)
        reach.enter(db, DERBY)
        assert {name for name in COUNCILS if count(db, name)} == filled
    with seeded.begin() as db:
        assert {name for name in COUNCILS if count(db, name)} == filled


@pytest.mark.parametrize("who", [NOBODY, NOTTINGHAM, STRANGER], ids=["nobody", "another council", "a firm"])
def test_nobody_else_sees_a_row_of_derbys(seeded: Engine, who: Reach) -> None:
    known = set() if who is NOBODY else set(SEEN_ACROSS)
    with seeded.begin() as db:
        reach.enter(db, who)
        seen = {
            name
            for name in COUNCILS
            if db.execute(text(f"SELECT count(*) FROM \"{name}\" WHERE authority = 'derby-city'")).scalar_one()
        }
    assert seen <= known


@pytest.mark.parametrize("who", [NOBODY, NOTTINGHAM, STRANGER], ids=["nobody", "another council", "a firm"])
@pytest.mark.parametrize("name", COUNCILS)
def test_nobody_else_writes_a_row_of_derbys(seeded: Engine, who: Reach, name: str) -> None:
    """Change, delete, and put back a copy: none of it reaches a row, in any table."""
    told_to_all = {"record", "record_head", "timer", "message", "sight"} if who is not NOBODY else set()
    with seeded.connect() as db:
        if count(db, name) == 0:
            return
        before = rows(db, f"SELECT to_jsonb(t) AS row FROM \"{name}\" t WHERE authority = 'derby-city'")
        db.rollback()
        for statement in (
            f"UPDATE \"{name}\" SET authority = authority WHERE authority = 'derby-city'",
            f"DELETE FROM \"{name}\" WHERE authority = 'derby-city'",
        ):
            reach.enter(db, who)
            try:
                done = db.execute(text(statement)).rowcount
            except DBAPIError:  # refused outright: no such grant, or a trigger
                done = 0
            db.rollback()
            assert done == 0 or name == "record_head", statement
        if name in told_to_all or not before:
            return
        columns = ", ".join(f'"{one.name}"' for one in TABLES[name].columns if not one.identity)
        put = f'INSERT INTO "{name}" ({columns}) SELECT {columns}'
        put += f' FROM jsonb_populate_record(NULL::public."{name}", CAST(:row AS jsonb))'
        reach.enter(db, who)
        copy = {"row": json.dumps(before[0].row)}
        # The triggers of a bid look for its competition first, and find none behind the wall.
        with pytest.raises(DBAPIError, match=r"row-level security|a bid is (received|opened)"):
            db.execute(text(put), copy)


def test_how_somebody_signs_in_is_for_their_own_council_or_firm(seeded: Engine) -> None:
    with seeded.begin() as db:
        derbys = rows(db, "SELECT count(*) FROM person WHERE authority = 'derby-city'")[0][0]
        assert count(db, "login") > derbys > 0
        for who, seen in ((DERBY, derbys), (NOTTINGHAM, 0), (STRANGER, 0), (NOBODY, 0)):
            reach.enter(db, who)
            assert count(db, "login") == seen, who


def test_a_firm_sees_its_own_and_nothing_of_the_others(seeded: Engine) -> None:
    with seeded.begin() as db:
        firms = [one.provider_id for one in rows(db, "SELECT DISTINCT provider_id FROM bid ORDER BY 1")]
    assert len(firms) == 2
    for firm in firms:
        with seeded.begin() as db:
            reach.enter(db, Reach(walls.PROVIDER, provider=str(firm)))
            for name in ("invitation", "bid", "award", "agreement", "message"):
                assert {one.provider_id for one in rows(db, f"SELECT provider_id FROM {name}")} <= {firm}, name
            assert count(db, "bid") == count(db, "invitation") == count(db, "competition") == count(db, "seal") == 1
            assert count(db, "opened_bid") == 1
            for name in ("decision", "exclusion", "funding", "sight", "record", "timer"):
                assert count(db, name) == 0, name
            assert bool(count(db, "review")) == bool(count(db, "agreement"))
            assert count(db, "young_person") == count(db, "agreement")


def test_the_reach_ends_with_its_transaction(seeded: Engine) -> None:
    with seeded.connect() as db:
        for ending in (db.commit, db.rollback):
            reach.enter(db, NOTTINGHAM)
            assert db.scalar(text("SELECT current_user")) == walls.APP
            ending()
            said = db.execute(
                text(
                    "SELECT current_user, current_setting('app.authority', true), current_setting('app.provider', true)"
                )
            ).one()
            assert said[0] not in walls.ROLES
            assert not said[1]
            assert not said[2]
            db.rollback()


def test_an_engine_of_the_installation_reaches_no_council_unless_it_says_so(seeded: Engine) -> None:
    plain = create_engine(seeded.url, execution_options={reach.OPTION: reach.NOBODY})
    reach.watch(plain)
    reach.watch(plain)
    with plain.connect() as db:
        assert count(db, "referral") == 0
        assert count(db, "provider") > 0
        db.rollback()
        assert count(db, "referral") == 0, "the second transaction of a connection is walled too"
    with plain.connect().execution_options(**{reach.OPTION: reach.EVERYTHING}) as db:
        assert count(db, "referral") == 1
    with plain.connect() as db:
        assert count(db, "referral") == 0, "a pooled connection hands nobody's reach on"
    plain.dispose()


def test_two_councils_work_side_by_side_and_each_sees_its_own(seeded: Engine) -> None:
    desk = a_desk(seeded)
    with desk.work(PEOPLE["placements_county"]) as work:
        theirs = flow.raise_referral(work, a_document()).referral_id
        assert count(work.db, "referral") == 1
    with desk.work(PEOPLE["placements"]) as work:
        assert count(work.db, "referral") == 1
        assert not rows(work.db, "SELECT 1 FROM young_person WHERE referral_id = :id", id=theirs)
    with desk.begin() as db:
        assert count(db, "referral") == 2


def test_walls_that_stand_are_left_alone_and_walls_that_fell_are_raised_again(empty_database_url: str) -> None:
    migrations.upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.begin() as db:
        assert walls.stand(db, migrations.metadata())
        stood = rows(db, "SELECT oid FROM pg_policy ORDER BY oid")
    migrations.upgrade(empty_database_url)
    with engine.begin() as db:
        assert rows(db, "SELECT oid FROM pg_policy ORDER BY oid") == stood
        db.execute(text("COMMENT ON TABLE alembic_version IS 'walls of another version'"))
    migrations.upgrade(empty_database_url)
    with engine.begin() as db:
        assert walls.stand(db, migrations.metadata())
        assert rows(db, "SELECT oid FROM pg_policy ORDER BY oid") != stood
    engine.dispose()
