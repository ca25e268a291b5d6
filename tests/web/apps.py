"""The application, built once and handed from test to test.

Building its hundreds of routes takes longer than most tests. What differs between tests is the house alone, which every
request looks up; the routes differ only where a setting brings some.
"""

from __future__ import annotations

from typing import Final

from litestar import Litestar

from brokerage.config import Settings
from brokerage.desk.work import Desk
from brokerage.web.app import create_app
from brokerage.web.auth import DemoHooks, House

_BUILT: Final[dict[tuple[object, ...], Litestar]] = {}


def app_of(desk: Desk, settings: Settings, demo: DemoHooks | None = None) -> Litestar:
    """Give the application for this desk and these settings; the one given before stands before this desk too."""
    routes = (settings.demo, settings.sms is None, settings.notify is None, settings.threads)
    if routes not in _BUILT:
        _BUILT[routes] = create_app(desk, settings, demo)
    app = _BUILT[routes]
    app.state.house = House(desk, settings, app.state.house.env, demo)
    return app
