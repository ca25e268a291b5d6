"""Where the servers of tests keep their data."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
ROOM: Final = 4 << 30


def a_folder(prefix: str) -> Path:
    """Make a folder for a server that is not measured: in memory where there is room, else on the disk.

    In memory a test's own database is made in a tenth of the time. Not pytest's tmp_path: its parents have mode 0700,
    and as root the server runs as `nobody`.
    """
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None))
