"""Prism between us and the suppliers we play: it refuses what their own descriptions do not allow, both ways."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
PRISM: Final = HERE / "node_modules" / ".bin" / "prism"
PATIENCE: Final = 60


def contract(name: str) -> Path:
    """Find a supplier's description beside the project, or skip."""
    given = os.environ.get("BROKERAGE_CONTRACTS")
    folder = Path(given) if given else HERE.parents[2] / "shared" / "contracts"
    if not (folder / name).exists():
        pytest.skip(f"the suppliers' descriptions do not stand beside the project (no {name})")
    if shutil.which("node") is None or not PRISM.exists():
        pytest.skip("Prism is not here: npm ci --prefix tests/prism")
    return folder / name


@contextmanager
def _proxy(description: Path, behind: str) -> Iterator[str]:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    command = [PRISM, "proxy", "-h", "127.0.0.1", "-p", str(port), "--errors", description.name, behind]
    # From the folder of the description, so that what it refers to is found.
    running = subprocess.Popen(command, cwd=description.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and running.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise AssertionError("Prism did not come up")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


@pytest.fixture(scope="module")
def proxy() -> Iterator[Callable[[str, str], str]]:
    """`proxy("twilio_api_v2010.json", behind)`: the address of a Prism in front of a supplier; ends with the module."""
    with ExitStack() as stack:
        yield lambda name, behind: stack.enter_context(_proxy(contract(name), behind))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach the loopback directly, whatever proxy the machine is set to."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
