"""Proofs that end in a figure. `python -m tests.proof` runs them; CI runs the quick size of each."""
