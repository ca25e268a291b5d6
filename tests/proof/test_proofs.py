"""Every proof in its quick size."""

from __future__ import annotations

import pytest

from tests.proof.figures import Proof, Skipped, proofs


@pytest.mark.parametrize("proof", proofs(), ids=lambda proof: proof.module)
def test_the_quick_size_reaches_every_goal(proof: Proof) -> None:
    try:
        figures = list(proof.prove(True))
    except Skipped as skipped:
        pytest.skip(skipped.why)
    assert {figure.name for figure in figures} == set(proof.names)
    assert [figure for figure in figures if not figure.reached] == []
