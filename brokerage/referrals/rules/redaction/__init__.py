"""Take out of free text everything that tells providers who a young person is (S7; DPS spec: invitations name nobody).

Known identifiers come from the referral, structured ones are known by their shape. When in doubt a word is hidden:
a name that is also an ordinary word ("Will", "Grace", "May") hides wherever it stands, in any case, because a
plan that reads badly can be mended on the check page and a name that has gone out cannot be called back. Towns and
the outward half of a postcode stay. Recognising names that nobody recorded is left to the person who checks:
`Redacted.remains` lists what to look at.
"""

from __future__ import annotations

from .checking import leaks, leaks_in, redact, redact_all
from .model import Known, Redacted, Replacement

__all__ = ["Known", "Redacted", "Replacement", "leaks", "leaks_in", "redact", "redact_all"]
