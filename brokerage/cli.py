"""The command line. Heavy parts are imported by the command that needs them, so that `score` stays quick."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from brokerage.people.model import Role

if TYPE_CHECKING:
    from litestar import Litestar

    from brokerage.config import Settings

_NOBODYS: Final = {Role.SYSTEM, Role.APPLICANT}
"""Roles that are no person's."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answer its exit code."""
    asked = _parser().parse_args(arguments)
    code: int = asked.run(asked)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("brokerage", description="Find a home for a young person: the brokerage engine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="start everything on made-up data; ctrl-C stops it")
    demo.add_argument("--port", type=int, help="the port to serve on (8000, or the next that is free)")
    demo.add_argument("--fresh", action="store_true", help="begin again with new demo data")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")
    demo.set_defaults(run=_demo)

    serve = commands.add_parser("serve", help="serve the web pages and the API")
    serve.add_argument("--workers", type=int, default=1, help="how many processes")
    serve.set_defaults(run=_serve)
    commands.add_parser("work", help="run the worker: timers and messages").set_defaults(run=_work)
    commands.add_parser("migrate", help="bring the database to this version's schema").set_defaults(run=_migrate)
    commands.add_parser("doctor", help="say what is wrong with the installation").set_defaults(run=_doctor)

    score = commands.add_parser("score", help="score a case, or a list of cases, without a database")
    score.add_argument("case", help="a JSON file, or - for standard input")
    score.set_defaults(run=_score)

    matrix = commands.add_parser("matrix", help="show the matrix edition in force, or check one")
    matrix.add_argument("--json", action="store_true", help="as JSON")
    matrix.set_defaults(run=_matrix)
    checks = matrix.add_subparsers(metavar="check")
    check = checks.add_parser("check", help="validate an edition")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_matrix_check)

    opening = commands.add_parser("open", help="open a competition's offers with the recovery key, after the close")
    opening.add_argument("competition", type=UUID, help="the competition's number, from its address")
    opening.add_argument("--recovery-key", type=Path, required=True, help="the key file from the safe")
    opening.set_defaults(run=_open)

    keys = commands.add_parser("keys", help="the keys that open offers").add_subparsers(required=True, metavar="new")
    new = keys.add_parser("new", help="make the opening key and the recovery key, and say where each belongs")
    new.add_argument("folder", type=Path)
    new.set_defaults(run=_keys_new)

    record = commands.add_parser("record", help="look at the record").add_subparsers(required=True, metavar="verify")
    verify = record.add_parser("verify", help="check every authority's chain; non-zero if one is broken")
    verify.add_argument("--witness", type=Path, help="a folder in which heads are kept and compared")
    verify.set_defaults(run=_record_verify)

    sights = commands.add_parser("sights", help="list who saw which young person's record, when and why")
    sights.add_argument("--authority", help="the council's key; all councils without it")
    sights.add_argument("--referral", help="the referral's reference")
    sights.add_argument("--person", type=UUID, help="the number of whoever looked")
    sights.set_defaults(run=_sights)
    tonight = commands.add_parser("tonight", help="write the Careline's page of tonight, which needs no network")
    tonight.add_argument("--authority", required=True, help="the council's key")
    tonight.add_argument("--out", type=Path, required=True, help="the file to write, such as tonight.html")
    tonight.set_defaults(run=_tonight)

    authority = commands.add_parser("authority", help="authorities").add_subparsers(required=True, metavar="add")
    add = authority.add_parser("add", help="add a council")
    add.add_argument("key", help="a short word, such as derby-city")
    add.add_argument("name")
    add.add_argument(
        "--legal-profile",
        default="pcr2015_light_touch",
        help="the law that its invitations name (lots/joining.toml): %(default)s unless said",
    )
    add.add_argument("--office-phone", default="")
    add.set_defaults(run=_authority_add)

    person = commands.add_parser("person", help="people").add_subparsers(required=True, metavar="add")
    add = person.add_parser("add", help="add somebody and print their access key, once")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=[one.value for one in Role if one not in _NOBODYS])
    add.add_argument("--authority", help="the council's key; not for providers")
    add.add_argument("--provider", help="the provider's number; for providers only")
    add.add_argument("--email", required=True)
    add.add_argument("--weekly-limit", help="pounds a week an approver may authorise alone")
    add.set_defaults(run=_person_add)
    return parser


def _settings(*, web: bool = False) -> Settings:
    from brokerage.config import NotConfigured, for_web, from_env

    try:
        settings = from_env(os.environ)
        return for_web(settings) if web else settings
    except NotConfigured as refusal:
        raise SystemExit(str(refusal)) from None


def _demo(asked: argparse.Namespace) -> int:
    from brokerage.demo.run import run

    return run(asked.port, fresh=asked.fresh, browser=not asked.no_browser)


def app() -> Litestar:
    """Build the web application from the environment: what `serve` runs in each process."""
    from brokerage.opening import open_desk, open_engine, rest_collector
    from brokerage.web.app import create_app

    settings = _settings(web=True)
    built = create_app(open_desk(settings, open_engine(settings)), settings)
    rest_collector()
    return built


def _serve(asked: argparse.Namespace) -> int:
    import signal

    import uvicorn

    settings = _settings(web=True)
    # uvicorn finishes what it is answering and then hands the signal on, which would end this with an error.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # No access log: addresses of links are secrets. Put a proxy with header time-outs in front (docs/operations.md).
    uvicorn.run(
        "brokerage.cli:app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=asked.workers,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=15,
    )
    return 0


def _work(_: argparse.Namespace) -> int:
    import logging
    import signal
    import socket
    import threading

    from brokerage.keys import KeyNotUsable
    from brokerage.opening import open_channels, open_desk, open_engine, open_opener, rest_collector
    from brokerage.worker.ticker import start

    logging.basicConfig(level=logging.WARNING)
    settings = _settings()
    try:
        opener = open_opener(settings)
    except KeyNotUsable as refusal:
        raise SystemExit(f"The opening key is not usable. {refusal}") from None
    if opener is None:
        print("BROKERAGE_OPENING_KEY_FILE is not set: another worker has to open offers after the close.", flush=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ticker = start(
        open_desk(settings, open_engine(settings)),
        open_channels(settings),
        f"{socket.gethostname()}:{os.getpid()}",
        opener,
    )
    rest_collector()
    while not stop.wait(1):
        pass
    if not ticker.shutdown():
        logging.warning("stopped before everything in hand was finished; another worker takes it up")
        logging.shutdown()
        os._exit(0)  # a thread that waits for a slow supplier would hold the process up
    return 0


def _migrate(_: argparse.Namespace) -> int:
    from brokerage import migrations
    from brokerage.config import with_driver

    url = os.environ.get("DATABASE_URL")
    if not url:
        print("DATABASE_URL is not set. Give the address of your PostgreSQL 15 or newer.", file=sys.stderr)
        return 2
    migrations.upgrade(with_driver(url))
    print(f"The database is at revision {migrations.head()}.")
    return 0


def _doctor(_: argparse.Namespace) -> int:
    from brokerage.doctor import examine

    findings = examine(os.environ)
    for finding in findings:
        print(finding)
    return 0 if all(finding.well for finding in findings) else 1


def _score(asked: argparse.Namespace) -> int:
    from matrix.errors import CaseNotValid
    from matrix.rules import assess, plain, read_case
    from matrix.store import in_force

    try:
        text = sys.stdin.read() if asked.case == "-" else Path(asked.case).read_text(encoding="utf-8")
        sent = json.loads(text)
    except (OSError, ValueError) as fault:
        print(f"{asked.case} cannot be read as JSON: {fault}", file=sys.stderr)
        return 2
    cases: list[Any] = sent if isinstance(sent, list) else [sent]
    results, faults = [], []
    for number, raw in enumerate(cases):
        place = f"/{number}" if isinstance(sent, list) else ""
        edition = in_force(_day_of(raw))
        try:
            results.append(plain(assess(edition, read_case(raw, edition))))
        except CaseNotValid as refusal:
            faults += [f"{place}{fault.pointer}: {fault.message}" for fault in refusal.faults]
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 2
    print(json.dumps(results if isinstance(sent, list) else results[0], ensure_ascii=False, indent=2))
    return 0


def _day_of(raw: object) -> Any:
    """Give the day a case is about; a case without a good one is refused by its reader in words."""
    from datetime import date

    on = raw.get("on") if isinstance(raw, dict) else None
    try:
        return date.fromisoformat(on) if isinstance(on, str) else date.max
    except ValueError:
        return date.max


def _matrix(asked: argparse.Namespace) -> int:
    from datetime import date

    from matrix.rules import describe, words
    from matrix.store import in_force

    edition = in_force(date.max)  # the newest edition; which one a referral uses is decided by its day
    print(json.dumps(describe(edition), ensure_ascii=False, indent=2) if asked.json else words(edition))
    return 0


def _matrix_check(asked: argparse.Namespace) -> int:
    from matrix.errors import EditionNotValid
    from matrix.store import load

    try:
        edition = load(asked.file)
    except EditionNotValid as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"{asked.file} cannot be read: {fault}", file=sys.stderr)
        return 2
    print(
        f"{asked.file} is valid: edition {edition.id}, {len(edition.domains)} domains, {len(edition.cases)} cases pass."
    )
    return 0


def _open(asked: argparse.Namespace) -> int:
    from brokerage.competitions.errors import AlreadyOpened, NoSuchCompetition, NotNow, StillSealed, WrongKey
    from brokerage.competitions.model import KeyKind
    from brokerage.desk.clock import short_time
    from brokerage.desk.setup import open_with
    from brokerage.keys import KeyNotUsable, read
    from brokerage.opening import open_desk, open_engine

    settings = _settings()
    try:
        opened = open_with(
            open_desk(settings, open_engine(settings)), asked.competition, read(asked.recovery_key, KeyKind.RECOVERY)
        )
    except KeyNotUsable as refusal:
        why = f"The recovery key is not usable. {refusal}"
    except NoSuchCompetition:
        why = "There is no competition with this number."
    except StillSealed as refusal:
        why = f"Its offers are sealed until {short_time(refusal.closes_at)}. No key opens them before."
    except AlreadyOpened as refusal:
        why = f"Its offers were opened at {short_time(refusal.opened_at)}. That is done once."
    except NotNow as refusal:
        why = f"It is {refusal.state.value}: there is nothing to open."
    except WrongKey:
        why = "This is not the recovery key that its offers were sealed for."
    else:
        print(f"{opened.reference}: {opened.opened} offers are opened with the recovery key; the record says so.")
        return 0
    print(f"{why} Nothing was changed.", file=sys.stderr)
    return 1


def _keys_new(asked: argparse.Namespace) -> int:
    from brokerage.keys import FILES, KeyNotUsable, in_text, make

    try:
        made = make(asked.folder)
    except KeyNotUsable as refusal:
        print(f"No keys were made. {refusal}", file=sys.stderr)
        return 1
    opening, recovery = (asked.folder / name for name in FILES.values())
    print(
        f"""Two key pairs are made. Set for `brokerage serve` and `brokerage work`:

BROKERAGE_OPENING_KEY_PUBLIC={in_text(made.opening)}
BROKERAGE_RECOVERY_KEY_PUBLIC={in_text(made.recovery)}

Set for `brokerage work` only, whose user alone may read the file:

BROKERAGE_OPENING_KEY_FILE={opening}

Take {recovery} away from this machine: on two sticks in two safes.
It opens what the opening key no longer can (brokerage open COMPETITION --recovery-key FILE). Try that once a year.
Who holds either file and the database can read offers after the close, and before it past this program."""
    )
    return 0


def _record_verify(asked: argparse.Namespace) -> int:
    from brokerage.desk.witness import verify_all

    return verify_all(_database(), asked.witness)


def _sights(asked: argparse.Namespace) -> int:
    from brokerage.desk.witness import print_sights

    return print_sights(_database(), asked.authority, asked.referral, asked.person)


def _tonight(asked: argparse.Namespace) -> int:
    from brokerage.desk.setup import night_page

    page = night_page(_database(), asked.authority)
    try:
        asked.out.write_text(page, encoding="utf-8")
    except OSError as fault:
        print(f"{asked.out} cannot be written: {fault}", file=sys.stderr)
        return 1
    print(f"{asked.out} is written. It opens without a network and is good for tonight only.")
    return 0


def _authority_add(asked: argparse.Namespace) -> int:
    from brokerage.desk.setup import add_authority

    add_authority(_database(), asked.key, asked.name, asked.legal_profile, asked.office_phone)
    print(f"{asked.name} is added as {asked.key}.")
    return 0


def _person_add(asked: argparse.Namespace) -> int:
    from brokerage.desk.setup import add_person

    key = add_person(
        _database(), asked.name, asked.role, asked.email, asked.authority, asked.provider, asked.weekly_limit
    )
    print(f"Access key of {asked.name}, shown only now:\n{key}")
    return 0


def _database() -> str:
    from brokerage.config import with_driver

    url = os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("DATABASE_URL is not set. Give the address of your PostgreSQL 15 or newer.")
    return with_driver(url)
