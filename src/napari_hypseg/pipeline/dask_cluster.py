"""An existing dask cluster as an executor of blocks, checked before it is used."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING

from napari_hypseg.errors import HypsegError, SettingError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from distributed import Client

PACKAGE = "napari-hypseg"
TIMEOUT = 10.0
"""Seconds in which a scheduler has to answer."""
SETTING = "scheduler"


@contextmanager
def dask_executor(address: str) -> Iterator["Executor"]:
    """The workers of the dask scheduler at `address`, such as ``tcp://node7:8786``, as an executor.

    Workers that die are survived: their blocks are computed by others.

    Raises
    ------
    HypsegError
        If the workers or the scheduler end while they are used.
    SettingError
        If dask is not installed, nothing answers or something else does, there are no workers, or a worker has not the
        version of this package that runs here.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        raise SettingError(
            f"A dask cluster needs the library distributed; install it with pip install '{PACKAGE}[cluster]'.",
            SETTING,
        ) from error
    _check_scheduler(address)
    with Client(address, timeout=TIMEOUT, set_as_default=False) as client:
        _check_workers(client, address)
        try:
            yield client.get_executor()
        except KilledWorker as error:
            raise HypsegError(
                f"Workers of the dask cluster at {address} have ended on one block again and again, perhaps for want "
                "of memory; look into their logs, then segment again to go on from the last block."
            ) from error
        except (CommClosedError, CancelledError) as error:
            raise HypsegError(
                f"The dask scheduler at {address} does not answer any more; see whether it still runs, then segment "
                "again to go on from the last block."
            ) from error


def own_version() -> str:
    """Version of this package that runs here."""
    return metadata.version(PACKAGE)


def _check_scheduler(address: str) -> None:
    """See who answers, without a client: one that was not connected waits for long when it is let go."""
    from distributed.comm.core import connect

    async def greet() -> None:
        comm = await connect(address, timeout=TIMEOUT)
        await comm.close()

    try:
        asyncio.run(greet())
    except (OSError, TimeoutError, ValueError) as error:
        raise SettingError(
            f"No dask scheduler answers at {address}; start one with 'dask scheduler' and give the address it prints.",
            SETTING,
        ) from error
    except Exception as error:  # the words of another protocol, read as dask's: lack of memory, or whatever they say
        raise SettingError(
            f"What answers at {address} is no dask scheduler, perhaps the page of one; give the address that "
            "'dask scheduler' prints.",
            SETTING,
        ) from error


def _check_workers(client: "Client", address: str) -> None:
    found = client.run(metadata.version, PACKAGE, on_error="return")
    if not found:
        raise SettingError(
            f"The dask cluster at {address} has no workers; start some with 'dask worker {address}'.", SETTING
        )
    here = own_version()
    for worker, version in sorted(found.items()):
        if not isinstance(version, str):
            raise SettingError(
                f"{PACKAGE} is not installed where the worker {worker} runs; install version {here} there.", SETTING
            )
        if version != here:
            raise SettingError(
                f"The worker {worker} has version {version} of {PACKAGE}, here is {here}; install the same on both.",
                SETTING,
            )
