"""The demonstration: a throw-away PostgreSQL of its own and invented people and firms to fill it."""
