"""The register and what staff look up beside it: one module a subject."""

from brokerage.web.register import matrix, prices, providers, record, specification, standing, subcontractors

HANDLERS = (
    *providers.HANDLERS,
    *standing.HANDLERS,
    *prices.HANDLERS,
    *subcontractors.HANDLERS,
    *specification.HANDLERS,
    *matrix.HANDLERS,
    *record.HANDLERS,
)
