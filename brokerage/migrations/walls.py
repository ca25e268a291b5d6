"""Raise the walls in PostgreSQL: roles that own nothing, row-level security with FORCE, policies, least grants.

Everything follows from the tables' own declarations, so that a table that is added comes under the walls by itself:

- What has a column `authority` belongs to that council, and nobody else's staff sees or writes it.
- A firm's user sees and writes what carries the firm's `provider_id`, and what hangs on such a row by its foreign key.
- What is neither a council's nor a firm's stands in SHARED, with the reason.

`docs/decisions/0004` says why it is done so. The reach of a transaction is set by `brokerage/desk/reach.py`.
"""
# ruff: noqa: S608  # the parts of these statements are this module's own words and the tables' names

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, Table, text

APP: Final = "brokerage_app"
PROVIDER: Final = "brokerage_provider"
SYSTEM: Final = "brokerage_system"
ROLES: Final = (APP, PROVIDER, SYSTEM)

ASKING: Final = "current_setting('app.authority', true)"
"""The council of whoever asks; empty or null for nobody's, which is no council's key."""
FIRM: Final = "nullif(current_setting('app.provider', true), '')::uuid"

OWN: Final = f"authority = {ASKING}"
KEEPERS: Final = f"({ASKING} <> '' AND authority = (SELECT key FROM public.authority WHERE keeps_register))"
"""What is done to the shared register is recorded by the council that keeps it, whoever did it (A4)."""
A_FIRM: Final = f"{FIRM} IS NOT NULL"

SHARED: Final[Mapping[str, str]] = {
    "applicant_code": "part of an application",
    "applicant_link": "part of an application",
    "applicant_visit": "part of an application",
    "application": "a firm asks to join the register that all councils share",
    "application_finding": "part of an application",
    "application_mobile": "part of an application",
    "application_section": "part of an application",
    "authority": "which councils there are is printed on every invitation",
    "attempt": "how often somebody tried, by a hash of who or where; before it is known whose it is",
    "bed": "part of a firm's home",
    "bed_hold": "says that a bed is taken, never by whom: two councils must not take the same one",
    "clock_shift": "the demo's clock",
    "document": "what a firm shows of its standing",
    "evidence": "a firm's standing is the same for every council",
    "heartbeat": "when a worker was last heard",
    "inbound_text": "a text is from a firm, and belongs to no council before it is understood",
    "login_asked": "who asked for a link, before it is known whose address it is",
    "night_contact": "a firm's numbers for every council's night desk",
    "opt_out": "a number that wants no more texts wants none from anybody",
    "property": "a firm's home",
    "provider": "the register",
    "provider_area": "the register",
    "provider_contact": "the register",
    "provider_removal": "a firm is off the register for every council",
    "provider_suspension": "a firm is suspended for every council",
    "registration": "the tendered prices hold for every council",
    "request": "an answered write, found only by its own sender's key",
    "room": "part of a firm's home",
    "session": "found only by the hash of a secret, before it is known whose it is",
    "specification_answer": "what a firm said to a change that concerns all councils",
    "specification_change": "all councils buy to one specification",
    "uplift": "the tendered prices hold for every council",
}
"""Tables that no council owns, and why. Where a firm has part in one, its users see their own firm's rows only."""

OPEN_TO_FIRMS: Final = frozenset(
    {"authority", "clock_shift", "heartbeat", "inbound_text", "opt_out", "provider", "request", "specification_change"}
)
"""Shared tables that hold nothing of one firm that another may not read: of `provider` names and public numbers."""

WITHOUT_COUNCIL_KEY: Final = frozenset({"person", "timer", "login", "login_code", "login_link", "calendar_feed"})
"""A council's own by their column `authority` or by their person's, though it does not lead their key: a worker knows a
timer by its id alone, and a firm's user has no council."""

APPEND_ONLY: Final = frozenset({"record", "late_offer", "sight"})
"""Nobody but the owner of the tables may change or delete what stands there, and the owner is kept off by triggers."""

COUNCIL_ONLY: Final[Mapping[str, str]] = {
    "decision": "why a council published again is its own affair",
    "exclusion": "names the other firms that were left out",
    "funding": "who authorised money, and their words",
    "message_report": "comes from the supplier of texts, for the system",
    "night_call": "what a council's night desk noted about a firm",
    "share": "between two councils",
    "standing_decision": "a council's reasons about a placement with a firm that lost its standing",
    "standing_touch": "what a council has with a firm that lost its standing",
    "sight": "who of a council looked at what",
}
"""Tables that hang on a firm's row, or name one, and are not the firm's to see."""

_INVITED: Final = (
    "EXISTS (SELECT 1 FROM public.invitation i WHERE i.authority = {t}.authority AND i.competition_id = {t}.{c})"
)
_HOSTS: Final = (
    "EXISTS (SELECT 1 FROM public.agreement a WHERE a.authority = {t}.authority AND a.referral_id = {t}.{c})"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rows a role sees, and which it may write; None for a command the role has no way to."""

    role: str
    command: str
    using: str | None
    check: str | None

    def sql(self, table: str, name: str) -> str:
        parts = [f'CREATE POLICY "{name}" ON public."{table}" FOR {self.command} TO {self.role}']
        if self.using is not None:
            parts.append(f"USING ({self.using})")
        if self.check is not None:
            parts.append(f"WITH CHECK ({self.check})")
        return " ".join(parts)


def _all(role: str, rows: str, check: str | None = None) -> Policy:
    return Policy(role, "ALL", rows, check or rows)


def _sees(role: str, rows: str) -> Policy:
    return Policy(role, "SELECT", rows, None)


def _changes(role: str, rows: str) -> Policy:
    return Policy(role, "UPDATE", rows, rows)


def _adds(role: str, rows: str) -> Policy:
    return Policy(role, "INSERT", None, rows)


SHARED_WITH: Final = (
    "EXISTS (SELECT 1 FROM public.share s WHERE s.authority = {t}.authority AND s.referral_id = {t}.{c}"
    f" AND s.with_authority = {ASKING} AND s.ended_at IS NULL)"
)

_OF_PERSON: Final = "EXISTS (SELECT 1 FROM public.person p WHERE p.id = {t}.person_id AND p.{whose})"


def _of_person(table: str) -> tuple[Policy, ...]:
    """How somebody signs in is for their own council's or firm's administrator, and for the sign-in itself."""
    return (
        _all(APP, _OF_PERSON.format(t=table, whose=OWN)),
        _all(PROVIDER, _OF_PERSON.format(t=table, whose=f"provider_id = {FIRM}")),
    )


BY_HAND: Final[Mapping[str, Sequence[Policy]]] = {
    # The council a firm's user or another council's staff writes to is told of it: record, timers, messages. They add,
    # and see nothing of what is there; the end of a chain says only how long it is.
    "record": (_all(APP, OWN), _adds(APP, KEEPERS), _adds(PROVIDER, A_FIRM)),
    "record_head": (
        _all(APP, OWN),
        _sees(APP, KEEPERS),
        _changes(APP, KEEPERS),
        _sees(PROVIDER, A_FIRM),
        _changes(PROVIDER, A_FIRM),
    ),
    "timer": (_all(APP, OWN), _adds(APP, KEEPERS), _adds(PROVIDER, A_FIRM)),
    "message": (_all(APP, OWN), _adds(APP, KEEPERS), _sees(PROVIDER, f"provider_id = {FIRM}"), _adds(PROVIDER, A_FIRM)),
    # Notices go to a council's people, so whoever causes one finds them; a firm's users are known to every council.
    "person": (
        _all(APP, OWN),
        _sees(APP, f"{KEEPERS} OR authority IS NULL"),
        _all(PROVIDER, f"provider_id = {FIRM}"),
        _sees(PROVIDER, f"authority IS NOT NULL AND {A_FIRM}"),
    ),
    "session": _of_person("session"),
    "login": _of_person("login"),
    "login_code": _of_person("login_code"),
    "login_link": _of_person("login_link"),
    "calendar_feed": _of_person("calendar_feed"),
    "authority": (_sees(APP, "true"), _changes(APP, f"key = {ASKING}"), _sees(PROVIDER, "true")),
    # A firm sees a competition it was invited to; it may ask there in its own name and read what all may read.
    "competition": (_all(APP, OWN), _all(PROVIDER, _INVITED.format(t="competition", c="id"))),
    "question": (
        _all(APP, OWN),
        _all(
            PROVIDER,
            _INVITED.format(t="question", c="competition_id"),
            "EXISTS (SELECT 1 FROM public.invitation i"
            " WHERE i.authority = question.authority AND i.id = question.invitation_id)",
        ),
    ),
    # Whose home a firm is, that young person's referral it may be told of; another council, where one was shared.
    "referral": (
        _all(APP, OWN),
        _sees(APP, SHARED_WITH.format(t="referral", c="id")),
        _sees(PROVIDER, _HOSTS.format(t="referral", c="id")),
    ),
    "young_person": (
        _all(APP, OWN),
        _sees(APP, SHARED_WITH.format(t="young_person", c="referral_id")),
        _sees(PROVIDER, _HOSTS.format(t="young_person", c="referral_id")),
    ),
    # Both councils see the grant; only the owner makes and ends it. A sight stands in the owner's log.
    "share": (_all(APP, OWN), _sees(APP, f"with_authority = {ASKING}")),
    "sight": (
        _all(APP, OWN),
        _adds(APP, SHARED_WITH.format(t="sight", c="referral_id")),
        _adds(PROVIDER, A_FIRM),
    ),
}
"""Tables whose walls do not follow from their columns alone."""


class NotUnderWallsError(ValueError):
    """A table has no council, no firm and no place among the shared ones."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"{table} has no column `authority` and is not in SHARED of brokerage/migrations/walls.py: say whose it is"
        )


def policies(table: Table, tables: Mapping[str, Table]) -> tuple[Policy, ...]:
    """Say which rows of a table each role sees and writes. Raises NotUnderWallsError."""
    open_to_system = _all(SYSTEM, "true")
    if table.name in BY_HAND:
        return (open_to_system, *BY_HAND[table.name])
    council = "authority" in table.columns and table.name not in SHARED
    if not council and table.name not in SHARED:
        raise NotUnderWallsError(table.name)
    staff = _all(APP, OWN if council else "true")
    if table.name in OPEN_TO_FIRMS:
        return (open_to_system, staff, _all(PROVIDER, "true"))
    firms = firm_clause(table, tables)
    return (open_to_system, staff, _all(PROVIDER, firms)) if firms else (open_to_system, staff)


def firm_clause(table: Table, tables: Mapping[str, Table]) -> str | None:
    """Say which rows are a firm's own: by their `provider_id`, or by the row they hang on, whose own walls then count.

    None for tables that no firm has part in.
    """
    if table.name in COUNCIL_ONLY:
        return None
    if "provider_id" in table.columns:
        return f"provider_id = {FIRM}"
    for key in sorted(_keys(table), key=lambda one: str(one.name)):
        parent = key.referred_table
        if parent.name != table.name and _has_firms_rows(parent, tables):
            pairs = " AND ".join(
                f'p."{element.column.name}" = "{table.name}"."{element.parent.name}"' for element in key.elements
            )
            return f'EXISTS (SELECT 1 FROM public."{parent.name}" p WHERE {pairs})'
    return None


def _keys(table: Table) -> Iterator[ForeignKeyConstraint]:
    """Give the foreign keys that every row of a table has."""
    for key in table.foreign_key_constraints:
        if not any(column.nullable for column in key.columns):
            yield key


def _has_firms_rows(table: Table, tables: Mapping[str, Table]) -> bool:
    if table.name in {"referral", "person", "provider"} | OPEN_TO_FIRMS:
        return False  # hanging on one of these makes nothing a firm's
    return table.name in BY_HAND or firm_clause(table, tables) is not None


def statements(metadata: MetaData) -> tuple[str, ...]:
    """Write down every statement that raises the walls, from the tables' declarations."""
    found: list[str] = [f"GRANT USAGE ON SCHEMA public TO {', '.join(ROLES)}"]
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        name = table.name
        found += [
            f'REVOKE ALL ON public."{name}" FROM PUBLIC, {", ".join(ROLES)}',
            f'GRANT {_grants(name)} ON public."{name}" TO {", ".join(ROLES)}',
            f'ALTER TABLE public."{name}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE public."{name}" FORCE ROW LEVEL SECURITY',
        ]
        found += [
            policy.sql(name, f"{name}_{policy.role.removeprefix('brokerage_')}_{number}")
            for number, policy in enumerate(policies(table, metadata.tables), 1)
        ]
    # What `readyz` asks for; no row of anybody's.
    found += [f"GRANT SELECT ON public.alembic_version TO {', '.join(ROLES)}"]
    return tuple(found)


def _grants(table: str) -> str:
    return "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"


_MAKE_ROLES: Final = "\n".join(
    f"""
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database's upgrade was quicker
    END;"""
    for role in ROLES
)

_JOIN: Final = """
DO $$ DECLARE one text; BEGIN
  FOREACH one IN ARRAY ARRAY['brokerage_app', 'brokerage_provider', 'brokerage_system'] LOOP
    IF NOT pg_has_role(current_user, one, 'MEMBER') THEN
      -- Without INHERIT: whoever forgets to say how far it reaches has no role at all.
      IF current_setting('server_version_num')::int >= 160000
        THEN EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', one, current_user);
        ELSE EXECUTE format('GRANT %I TO %I', one, current_user);
      END IF;
    END IF;
  END LOOP;
END $$
"""

_LOWER: Final = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP POLICY %I ON public.%I', one.policyname, one.tablename);
  END LOOP;
  FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity LOOP
    EXECUTE format('ALTER TABLE public.%I NO FORCE ROW LEVEL SECURITY', one.relname);
    EXECUTE format('ALTER TABLE public.%I DISABLE ROW LEVEL SECURITY', one.relname);
  END LOOP;
END $$
"""

_NOBODYS: Final = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT p.oid::regprocedure AS it FROM pg_proc p
              WHERE p.pronamespace = 'public'::regnamespace
                AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.it);
  END LOOP;
END $$
"""


def _run(db: Connection, statement: str) -> None:
    db.execute(text(statement))


def stand(db: Connection, metadata: MetaData) -> bool:
    """Say whether the walls stand as they are declared now: their digest is kept beside the schema's version."""
    kept = db.scalar(text("SELECT obj_description(to_regclass('public.alembic_version'), 'pg_class')"))
    return bool(kept == _digest(metadata))


def lower_walls(db: Connection) -> None:
    """Take the walls down within an upgrade, whose own statements must reach every row; they are raised at its end."""
    _run(db, _LOWER)


def raise_walls(db: Connection, metadata: MetaData) -> None:
    """Raise the walls, whatever was there before. Raises NotUnderWallsError for a table that is nobody's."""
    wanted = statements(metadata)
    _run(db, f"DO $$ BEGIN {_MAKE_ROLES} END $$")
    _run(db, _JOIN)
    lower_walls(db)
    _run(db, ";\n".join(wanted))
    _run(db, _NOBODYS)
    _run(db, f"COMMENT ON TABLE public.alembic_version IS '{_digest(metadata)}'")


def _digest(metadata: MetaData) -> str:
    return "walls " + hashlib.sha256("\n".join(statements(metadata)).encode()).hexdigest()
