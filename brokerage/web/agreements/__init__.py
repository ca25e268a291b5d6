"""Individual placement agreements: the page, acceptance, the start, reviews and plans."""

from brokerage.web.agreements import agreement, paper

HANDLERS = (*agreement.HANDLERS, *paper.HANDLERS)
