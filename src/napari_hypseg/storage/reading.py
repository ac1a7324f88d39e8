"""Conversion of the exceptions that libraries raise on a file into one sentence about that file.

Libraries raise almost any class on a damaged or hostile file, from ``KeyError`` to ``tokenize.TokenError``. Every
reader uses `reading`, whose sentence names what to do: put the file back, ask for permission, close other programs, or
get another copy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_hypseg.errors import HypsegError, InputError

MAX_REASON = 200


@contextmanager
def reading(
    path: Path, title: str, remedy: str = "check the file or copy it again", kind: type[HypsegError] = InputError
) -> Iterator[None]:
    """Turn every exception but a `HypsegError` into one of `kind` that names `path`.

    Parameters
    ----------
    path
        File or folder that is read.
    title
        What it is read as, as in "cannot be read as MRC map".
    remedy
        What to do where it is damaged.
    kind
        Class of the error.

    Raises
    ------
    HypsegError
        Of `kind`, or what was raised inside.
    """
    try:
        yield
    except HypsegError:
        raise
    except PermissionError as error:
        raise kind(f"{path} may not be read (permission denied); change its permissions or ask its owner.") from error
    except FileNotFoundError as error:
        raise kind(f"{_missing(path, error)} is missing; put it back or check its name.") from error
    except IsADirectoryError as error:
        raise kind(f"{path} is a folder and cannot be read as {title}; name a file.") from error
    except OSError as error:
        if error.errno is None:  # a library reports damage
            raise kind(_damaged(path, title, error, remedy)) from error
        raise kind(f"{path} cannot be read ({error.strerror}); check the disk or the connection to it.") from error
    except MemoryError as error:
        raise kind(f"{path} needs more memory than there is; close other programs or use a smaller file.") from error
    except Exception as error:
        raise kind(_damaged(path, title, error, remedy)) from error


def _missing(path: Path, error: FileNotFoundError) -> str:
    """The file that is missing, which may lie inside `path`."""
    return str(error.filename) if isinstance(error.filename, str) and Path(error.filename).is_absolute() else str(path)


def _damaged(path: Path, title: str, error: Exception, remedy: str) -> str:
    return f"{path} cannot be read as {title} ({_reason(error)}); {remedy}."


def _reason(error: Exception) -> str:
    """The first line of what `error` says, without control characters; its class where it says nothing a person reads.

    A KeyError says no more than a name.
    """
    lines = str(error).strip().splitlines()
    text = "".join(letter for letter in lines[0] if letter.isprintable()).strip().rstrip(".") if lines else ""
    if isinstance(error, KeyError):
        return f"{text} is missing" if text else "a part is missing"
    return text[:MAX_REASON] or type(error).__name__
