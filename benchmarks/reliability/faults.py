"""Faults at chosen file operations of this process, by a small library that stands before the C library (Linux only).

`enable` builds the library and starts the program anew with it; from then on `arm` chooses where and how to fail.
"""

import ctypes
import enum
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("fault_shim.c")
LIBRARY = "HYPSEG_FAULT_SHIM"


class Fault(enum.IntEnum):
    """What happens at the chosen operation; the numbers are those of the library."""

    NONE = 0
    KILL = 1
    TORN_WRITE = 2
    DISK_FULL = 3


def enable() -> None:
    """Start this program again with the library loaded, unless it is; needs a C compiler called ``cc``."""
    if os.environ.get(LIBRARY):
        return
    library = Path(tempfile.mkdtemp(prefix="hypseg-faults-")) / "faults.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    loaded = {"LD_PRELOAD": str(library), LIBRARY: str(library)}
    os.execve(sys.executable, sys.orig_argv, {**os.environ, **loaded})


def arm(folder: Path, at: int, fault: Fault) -> None:
    """Fail at operation number `at` (from 1) among those that change something below `folder`."""
    loaded = ctypes.CDLL(os.environ[LIBRARY])
    loaded.fault_arm(os.fsencode(folder), ctypes.c_long(at), int(fault))


def count() -> int:
    """Operations met since `arm`."""
    loaded = ctypes.CDLL(os.environ[LIBRARY])
    loaded.fault_count.restype = ctypes.c_long
    return int(loaded.fault_count())
