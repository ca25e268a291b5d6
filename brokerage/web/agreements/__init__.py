"""Individual placement agreements: the page, acceptance, the start, reviews, plans and the paper."""

from brokerage.web.agreements import agreement, paper, plans, reviews, start

HANDLERS = (
    *agreement.HANDLERS,
    *paper.HANDLERS,
    *start.HANDLERS,
    *reviews.HANDLERS,
    *plans.HANDLERS,
)
