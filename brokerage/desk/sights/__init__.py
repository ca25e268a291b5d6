"""Who may see a young person's record, why, and who did (A47, S30); and what one council lets another see (A4)."""
