"""What the forms about an agreement send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

WORDS_MOST: Final = 2000

Typed = Mapping[str, Any]


def chosen(data: Typed, name: str) -> list[str]:
    """Give what was ticked."""
    value = data.get(name, [])
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]
