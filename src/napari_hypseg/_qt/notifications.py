"""Messages to the user: one sentence in napari's notifications, details in the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from napari.utils.notifications import show_error

from napari_hypseg.errors import HypsegError

logger = logging.getLogger(__name__)


def show_exception(error: Exception) -> None:
    """Show one sentence for `error`; a defect's details go to the log."""
    if isinstance(error, HypsegError):
        show_error(str(error))
        return
    logger.error("Unforeseen", exc_info=error)
    show_error(
        f"Something unforeseen went wrong ({type(error).__name__}: {error}); nothing that was saved is lost and "
        "the details are in napari's log, so please report it."
    )


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Whatever goes wrong inside is told in one sentence; a traceback never reaches the viewer."""
    try:
        yield
    except Exception as error:  # the last line of defence of every slot
        show_exception(error)
