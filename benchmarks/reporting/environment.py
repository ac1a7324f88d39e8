"""What a measurement was taken on, without saying whose machine it was."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def environment(device: str) -> dict[str, str]:
    """Versions, cores, memory and the kind of device that was computed on."""
    return {
        "napari-hypseg": version("napari-hypseg"),
        "Python": platform.python_version(),
        "torch": version("torch"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(cores()),
        "memory": f"{memory / 1e9:.0f} GB" if (memory := total_memory()) else "unknown",
        "device": device,
    }


def processor() -> str:
    """What the processor is called, as far as the system says."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def total_memory() -> int | None:
    """Bytes of memory, None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
