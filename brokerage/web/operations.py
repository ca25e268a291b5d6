"""Health for operators, the static files, and where nobody needs to sign in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath

from brokerage import migrations
from brokerage.desk import clock as clocks
from brokerage.desk import store
from brokerage.web.auth import house_of
from brokerage.web.pages import static_files

SILENT: Final = timedelta(seconds=60)
YEAR: Final = "public, max-age=31536000, immutable"


@get("/healthz", sync_to_thread=False, include_in_schema=False)
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True, include_in_schema=False)
def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Say whether database, schema and worker are there; 503 names what is not."""
    house = house_of(request)
    wrong: list[str] = []
    try:
        with house.desk.engine.connect() as db:
            store.alive(db)
            if migrations.current(db) != migrations.head():
                wrong.append("the database is not at this version's schema: run brokerage migrate")
            beat = store.last_beat(db)
            if beat is None or clocks.read(house.desk.clock, db, None) - beat > SILENT:
                wrong.append("no worker has been heard for a minute: run brokerage work")
    except Exception as fault:  # whatever it is, the answer is "not ready"
        wrong.append(f"the database does not answer ({type(fault).__name__})")
    return Response({"status": "not ready" if wrong else "ready", "wrong": wrong}, status_code=503 if wrong else 200)


@get("/metrics", sync_to_thread=True, include_in_schema=False)
def metrics(request: Request[Any, Any, Any]) -> Response[str]:
    """Give a few numbers in Prometheus's text form; none of them says anything about anybody."""
    house = house_of(request)
    with house.desk.engine.connect() as db:
        now = clocks.read(house.desk.clock, db, None)
        due, beat = store.next_due(db), store.last_beat(db)
    late = max((now - due).total_seconds(), 0.0) if due else 0.0
    silent = (now - beat).total_seconds() if beat else -1.0
    lines = (
        "# HELP brokerage_timer_lateness_seconds How long the most overdue timer has waited.",
        "# TYPE brokerage_timer_lateness_seconds gauge",
        f"brokerage_timer_lateness_seconds {late:.3f}",
        "# HELP brokerage_worker_silence_seconds Since a worker was last heard; -1 for never.",
        "# TYPE brokerage_worker_silence_seconds gauge",
        f"brokerage_worker_silence_seconds {silent:.3f}",
    )
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


@get("/static/{name:path}", sync_to_thread=False, include_in_schema=False)
def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Give a static file, compressed where the browser takes it."""
    file = static_files().get(str(name).lstrip("/"))
    if file is None:
        return Response(b"", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": YEAR, "ETag": f'"{file.digest}"', "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.gzipped, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(file.body, media_type=file.media_type, headers=headers)


HANDLERS = (healthz, readyz, metrics, static)
