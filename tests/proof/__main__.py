"""Run the proofs, print a table, write `docs/evidence.json`.

    python -m tests.proof [--quick] [NAME...]

NAME is a figure, such as `race_violations`, or a module of this package, such as `race`. Figures that were not
asked for stay in the file as they were. Exit 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from brokerage.opening import rest_collector
from tests.proof.figures import Figure, Proof, Skipped, machine, proofs

EVIDENCE: Final = Path(__file__).parents[2] / "docs" / "evidence.json"


def main(arguments: list[str] | None = None) -> int:
    """Prove what was asked for."""
    known = proofs()
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the small size of each proof, as CI runs it")
    parser.add_argument("--list", action="store_true", help="print the names and do nothing")
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args(arguments)
    if asked.list:
        print("\n".join(f"{proof.module}: {', '.join(proof.names)}" for proof in known))
        return 0
    strange = set(asked.names) - {proof.module for proof in known} - {name for proof in known for name in proof.names}
    if strange:
        parser.error(f"no such figure: {', '.join(sorted(strange))} (--list prints them)")
    wanted = [proof for proof in known if not asked.names or {proof.module, *proof.names} & set(asked.names)]
    rest_collector()  # as web and worker do
    missed = 0
    for proof in wanted:
        print(f"\n{proof.module}", flush=True)
        try:
            missed += _prove(proof, asked.quick)
        except Skipped as skipped:
            print(f"  skipped: {skipped}", flush=True)
    print(f"\n{missed} goals missed" if missed else "\nevery goal reached")
    return 1 if missed else 0


def _prove(proof: Proof, quick: bool) -> int:
    """Print and keep a proof's figures; answer how many goals were missed."""
    missed = 0
    for figure in proof.prove(quick):
        print(
            f"  {'ok  ' if figure.reached else 'MISS'} {figure.name:24} {figure.value:>12g} {figure.unit:12}"
            f" {figure.goal:12} {figure.how}",
            flush=True,
        )
        missed += not figure.reached
        _keep(figure)
    return missed


def _keep(figure: Figure) -> None:
    """Write a figure to the file at once, so that a proof that is stopped keeps what it has."""
    kept = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else []
    row = {
        "name": figure.name,
        "value": figure.value,
        "goal": figure.goal,
        "unit": figure.unit,
        "how": figure.how,
        "on": f"{datetime.now(UTC).date()}, {machine()}",  # noqa: TID251  # a figure is dated by the machine it ran on
    }
    rows = [one for one in kept if one["name"] != figure.name] + [row]
    rows.sort(key=lambda one: str(one["name"]))
    EVIDENCE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
