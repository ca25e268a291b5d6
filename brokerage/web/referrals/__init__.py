"""Referrals: the list, the task list of a draft, publishing, and the record page of what was raised."""

from brokerage.web.referrals import drafts, publishing, records

HANDLERS = (*records.HANDLERS, *drafts.HANDLERS, *publishing.HANDLERS)
