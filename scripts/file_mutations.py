"""Damage done to files on purpose: what bad disks, cut downloads and strangers do, drawn from a seed.

Each mutation takes the bytes of a file and a generator of random numbers and gives other bytes. Packed files are also
opened, damaged inside and packed again, since a checksum would catch most of the rest before a parser sees it.
"""

import gzip
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.storage.checksum import BLANK, with_checksum

Mutation = Callable[[bytes, np.random.Generator], bytes]

HEADER = 1200
"""Bytes in which most formats keep what they say of themselves."""
NUMBERS: Sequence[tuple[str, Sequence[float]]] = (
    ("b", (0, -1, 1, 127, -128)),
    ("h", (0, -1, 1, 2, 2**15 - 1, -(2**15))),
    ("i", (0, -1, 1, 255, 65536, 10**6, 2**28, 2**31 - 1, -(2**31))),
    ("q", (0, -1, 1, 2**32, 2**40, 2**63 - 1, -(2**63))),
    ("f", (0.0, -1.0, 1e-30, 1e30, float("nan"), float("inf"), float("-inf"))),
    ("d", (0.0, -1.0, 1e-300, 1e300, float("nan"), float("inf"), float("-inf"))),
)
DEEP = "[" * 100_000
VALUES: Sequence[Any] = (
    *(None, True, False, 0, -1, 1, 3, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.5, -0.0, 1e308, 1e-308),
    *(float("nan"), float("inf"), float("-inf"), "", "x", "../..", "/", "\0", "é" * 1000, "uint8", "|O", "default"),
    *([], {}, [[]], [0], [-1, -1, -1], [1, 2, 3], [0, 0, 0], [10**9] * 3, ["z", "y", "x"], {"a": {"b": []}}),
    *({"name": "numcodecs.pickle"}, {"id": "pickle"}, {"start": [0, 0, 0], "stop": [1, 1, 1]}),
)


def mutated(raw: bytes, rng: np.random.Generator) -> bytes:
    """`raw` with one to three mutations, as JSON where it is some, and inside where it is packed."""
    for _ in range(int(rng.integers(1, 4))):
        kinds = [*PLAIN, *(mutation for fits, mutation in STRUCTURED if fits(raw))]
        weights = np.array([1.0] * len(PLAIN) + [8.0] * (len(kinds) - len(PLAIN)))
        raw = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))](raw, rng)
    return raw


def mutate_folder(folder: Path, rng: np.random.Generator) -> str:
    """Damage, remove or replace one file in `folder`, records more often than others; gives what was done."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    weights = np.array([4.0 if path.suffix == ".json" or path.name.startswith(".z") else 1.0 for path in files])
    path = files[int(rng.choice(len(files), p=weights / weights.sum()))]
    kind = int(rng.integers(20))
    if kind == 0:
        path.unlink()
    elif kind == 1:
        path.unlink()
        path.mkdir()
    elif kind == 2:
        path.write_bytes(files[int(rng.integers(len(files)))].read_bytes())
    else:
        path.write_bytes(mutated(path.read_bytes(), rng))
    return f"{path.relative_to(folder)} ({('gone', 'folder', 'other')[kind] if kind < 3 else 'changed'})"


def flip_bits(raw: bytes, rng: np.random.Generator) -> bytes:
    """Turn over up to eight bits, half of the time among the first bytes."""
    changed = bytearray(raw)
    for _ in range(int(rng.integers(1, 9)) if raw else 0):
        changed[_place(raw, rng)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def splice(raw: bytes, rng: np.random.Generator) -> bytes:
    """Copy a piece of the file over, or into, another place of it."""
    source, target, length = _place(raw, rng), _place(raw, rng), int(rng.integers(1, 64))
    piece = raw[source : source + length]
    return raw[:target] + piece + raw[target + (length if rng.random() < 0.5 else 0) :]


def fill(raw: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite a run with one byte."""
    start = _place(raw, rng)
    length = min(int(rng.integers(1, 256)), len(raw) - start)
    byte = int(rng.choice([0, 255, 32, int(rng.integers(256))]))
    return raw[:start] + bytes([byte]) * length + raw[start + length :]


def truncate(raw: bytes, rng: np.random.Generator) -> bytes:
    """Cut the end off."""
    return raw[: int(rng.integers(len(raw) + 1))]


def extend(raw: bytes, rng: np.random.Generator) -> bytes:
    """Write on behind the end."""
    length = int(rng.integers(1, 5000))
    return raw + (bytes(length) if rng.random() < 0.5 else rng.bytes(length))


def extreme_number(raw: bytes, rng: np.random.Generator) -> bytes:
    """Put an extreme number of some type where one may stand."""
    code, values = NUMBERS[int(rng.integers(len(NUMBERS)))]
    value = values[int(rng.integers(len(values)))]
    packed = struct.pack(("<" if rng.random() < 0.8 else ">") + code, value)
    at = _place(raw, rng) // 4 * 4 if rng.random() < 0.7 else _place(raw, rng) // 2 * 2
    return raw[:at] + packed + raw[at + len(packed) :]


def swap_json(raw: bytes, rng: np.random.Generator) -> bytes:
    """Replace, remove or repeat a value somewhere in JSON."""
    record = json.loads(raw)
    places = list(_places(record))
    if not places or rng.random() < 0.02:
        return (DEEP if rng.random() < 0.5 else json.dumps(VALUES[int(rng.integers(len(VALUES)))])).encode()
    holder, key = places[int(rng.integers(len(places)))]
    if rng.random() < 0.2:
        del holder[key]
    elif rng.random() < 0.2:
        other, name = places[int(rng.integers(len(places)))]
        if (name in other) if isinstance(other, dict) else name < len(other):
            holder[key] = json.loads(json.dumps(other[name]))
    else:
        holder[key] = VALUES[int(rng.integers(len(VALUES)))]
    return _with_checksum_again(json.dumps(record).encode(), rng)


def _with_checksum_again(raw: bytes, rng: np.random.Generator) -> bytes:
    """A changed record with its checksum put right, as somebody would who means it; at times it is left wrong."""
    blank = re.sub(rb'"seal": "[0-9a-f]{64}"', b'"seal": "' + BLANK.encode() + b'"', raw, count=1)
    return raw if blank == raw or rng.random() < 0.1 else with_checksum(blank)


def inside_gzip(raw: bytes, rng: np.random.Generator) -> bytes:
    """Damage what a gzip file holds; at times let it hold far more."""
    plain = gzip.decompress(raw)
    plain = plain + bytes(2**25) if rng.random() < 0.02 else mutated(plain, rng)
    return gzip.compress(plain, 1)


def inside_zip(raw: bytes, rng: np.random.Generator) -> bytes:
    """Damage, repeat or rename a member of an archive, or write its content under another length."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed:
        for member in archive.infolist():
            content = archive.read(member)
            kind = int(rng.integers(12))
            changed.writestr(member.filename if kind else "other.txt", content if kind == 1 else mutated(content, rng))
            if kind == 2:
                changed.writestr("b.npy", content)
            elif kind == 3:
                changed.writestr("c.npy", content + bytes(2**24 + 2**20))
    return made.getvalue()


def _place(raw: bytes, rng: np.random.Generator) -> int:
    return int(rng.integers(max(1, min(len(raw), HEADER) if rng.random() < 0.7 else len(raw))))


def _places(value: Any) -> Any:
    """Every holder and key of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def _opens(opened: Callable[[bytes], Any]) -> Callable[[bytes], bool]:
    def fits(raw: bytes) -> bool:
        try:
            opened(raw)
        except (OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError, RecursionError):
            return False
        except (zlib.error, zipfile.BadZipFile, struct.error):
            return False
        return True

    return fits


def _archive(raw: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if archive.testzip() is not None or sum(member.file_size for member in archive.infolist()) > 2**26:
            raise ValueError


def _gzip(raw: bytes) -> None:
    if not raw.startswith(b"\x1f\x8b") or len(gzip.decompress(raw)) > 2**26:
        raise ValueError


def _json(raw: bytes) -> None:
    if raw[:1] not in (b"{", b"["):
        raise ValueError
    json.loads(raw)


PLAIN: Sequence[Mutation] = (flip_bits, splice, fill, truncate, extend, extreme_number, extreme_number)
STRUCTURED: Sequence[tuple[Callable[[bytes], bool], Mutation]] = (
    (_opens(_json), swap_json),
    (_opens(_gzip), inside_gzip),
    (_opens(_archive), inside_zip),
)
