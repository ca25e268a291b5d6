"""The story walks through the same browser, application and register as the page tests."""

from tests.story.day import day, width  # noqa: F401  # pytest finds fixtures by name
from tests.web.conftest import (  # noqa: F401  # pytest finds fixtures by name
    _settled,
    _wording,
    app,
    axe,
    browse,
    clock,
    desk,
    fits,
    live,
    open_page,
    road,
)
