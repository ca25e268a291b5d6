"""The API: the same verbs as the pages, in JSON."""
