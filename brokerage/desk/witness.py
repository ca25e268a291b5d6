"""Check the record, keep its heads where the database cannot reach them, and tell who saw what.

A chain inside one database shows every change but its own end being cut or all of it rebuilt; heads kept
outside, best by the other councils, show those too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from brokerage.desk import store
from brokerage.desk.reach import open_outside
from brokerage.desk.record import Line, Verified, verify
from brokerage.desk.sights import store as sights
from brokerage.people.store import authorities


def verify_all(database_url: str, witness: Path | None) -> int:
    """Check every authority's chain, and the kept heads against it; answer 0 when all is sound, else 1."""
    engine = open_outside(database_url)
    sound = True
    with engine.begin() as db:
        for authority in authorities(db):
            found = _verify(db, authority.key, witness)
            if found.first_bad is None:
                print(f"{authority.key}: {found.lines} lines are sound, head {found.head[:16]}")
                if witness:
                    witness.mkdir(parents=True, exist_ok=True)
                    kept = {"authority": authority.key, "lines": found.lines, "head": found.head}
                    (witness / f"{authority.key}.json").write_text(json.dumps(kept) + "\n", encoding="utf-8")
            else:
                sound = False
                print(f"{authority.key}: BROKEN at line {found.first_bad}: {found.why}", file=sys.stderr)
    return 0 if sound else 1


def print_sights(database_url: str, authority: str | None, reference: str | None, person_id: UUID | None) -> int:
    """Print who saw whose record, when and why, a line each, newest first; answer 1 for a referral nobody has."""
    known = reference is None
    with open_outside(database_url).begin() as db:
        for council in authorities(db):
            if authority not in {None, council.key}:
                continue
            referral_id = sights.referral_of(db, council.key, reference) if reference else None
            if reference and referral_id is None:
                continue
            known = True
            for one, who, seen in sights.sights(db, council.key, person_id=person_id, referral_id=referral_id):
                why = one.relation.value + (f": {one.reason}" if one.reason else "")
                print("\t".join((one.at.isoformat(), council.key, who, str(one.person_id), seen, one.what, why)))
    if not known:
        print(f"There is no referral {reference}.", file=sys.stderr)
    return 0 if known else 1


def _verify(db: Connection, authority: str, witness: Path | None) -> Verified:
    heads: dict[int, str] = {}

    def watched(lines: list[Line]) -> list[Line]:
        heads.update({line.seq: line.hash.hex() for line in lines})
        return lines

    head = store.head(db, authority)  # read first: lines written meanwhile come after it
    found = verify(authority, watched(list(store.lines(db, authority, most=head[0]))), head)
    kept_file = witness / f"{authority}.json" if witness else None
    if found.first_bad is not None or kept_file is None or not kept_file.exists():
        return found
    kept = json.loads(kept_file.read_text(encoding="utf-8"))
    if kept["lines"] and heads.get(kept["lines"]) != kept["head"]:
        why = f"the head kept outside for line {kept['lines']} does not fit: the record was cut or rebuilt"
        return Verified(authority, found.lines, found.head, kept["lines"], why)
    return found
