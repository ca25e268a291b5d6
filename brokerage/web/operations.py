"""Health for operators, the static files, and where nobody needs to sign in."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath

from brokerage import migrations
from brokerage.desk.pulse import pulse
from brokerage.web.auth import house_of
from brokerage.web.pages import static_files

YEAR: Final = "public, max-age=31536000, immutable"


@get("/healthz", sync_to_thread=False, include_in_schema=False)
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True, include_in_schema=False)
def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Say whether database, schema and worker are there, and what is overdue; 503 names what is not."""
    house = house_of(request)
    wrong: list[str] = []
    ages: dict[str, float | None] = {}
    try:
        with house.desk.begin() as db:
            if migrations.current(db) != migrations.head():
                wrong.append("the database is not at this version's schema: run brokerage migrate")
            found = pulse(db, house.desk.clock)
        if found.silent:
            wrong.append("no worker has been heard for a minute: run brokerage work")
        ages = {
            "oldest_due_timer_seconds": found.timer_late.total_seconds(),
            "oldest_due_message_seconds": found.message_late.total_seconds(),
            "worker_silent_seconds": found.silence.total_seconds() if found.silence is not None else None,
        }
    except Exception as fault:  # whatever it is, the answer is "not ready"
        wrong.append(f"the database does not answer ({type(fault).__name__})")
    state = {"status": "not ready" if wrong else "ready", "wrong": wrong, **ages}
    return Response(state, status_code=503 if wrong else 200)


@get("/metrics", sync_to_thread=True, include_in_schema=False)
def metrics(request: Request[Any, Any, Any]) -> Response[str]:
    """Give a few numbers in Prometheus's text form; none of them says anything about anybody."""
    house = house_of(request)
    with house.desk.begin() as db:
        found = pulse(db, house.desk.clock)
    silent = found.silence.total_seconds() if found.silence is not None else -1.0
    gauges = (
        ("timer_lateness", "How long the most overdue timer has waited.", found.timer_late.total_seconds()),
        ("message_lateness", "How long the most overdue message has waited.", found.message_late.total_seconds()),
        ("worker_silence", "Since a worker was last heard; -1 for never.", silent),
    )
    lines = [
        line
        for name, told, seconds in gauges
        for line in (
            f"# HELP brokerage_{name}_seconds {told}",
            f"# TYPE brokerage_{name}_seconds gauge",
            f"brokerage_{name}_seconds {seconds:.3f}",
        )
    ]
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
