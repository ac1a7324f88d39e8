"""A zarr folder from a stranger: nothing it names runs, and nothing unpacks to more than it declares."""

import json
import pickle
import zlib
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import zarr

from napari_hypseg.errors import InputError
from napari_hypseg.storage import zarr_codecs
from napari_hypseg.storage.zarr_access import ZarrFolder, open_array

BLOSC = {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}


class Payload:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return (Path.touch, (self.marker,))


def array_2(folder: Path, chunk: bytes, **changes: Any) -> Path:
    """An array of zarr format 2 with one chunk, (2, 3, 4) uint8 unless changed."""
    folder.mkdir(parents=True)
    record = {
        "zarr_format": 2, "shape": [2, 3, 4], "chunks": [2, 3, 4], "dtype": "|u1", "compressor": None,
        "filters": None, "fill_value": 0, "order": "C",
    }  # fmt: skip
    (folder / ".zarray").write_text(json.dumps(record | changes))
    (folder / "0.0.0").write_bytes(chunk)
    return folder


def array_3(folder: Path, chunk: bytes, codecs: list[Any], **changes: Any) -> Path:
    """The same of zarr format 3."""
    (folder / "c/0/0").mkdir(parents=True)
    record = {
        "zarr_format": 3, "node_type": "array", "shape": [2, 3, 4], "data_type": "uint8", "fill_value": 0,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 3, 4]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}}, "codecs": codecs,
        "attributes": {},
    }  # fmt: skip
    (folder / "zarr.json").write_text(json.dumps(record | changes))
    (folder / "c/0/0/0").write_bytes(chunk)
    return folder


def payload(tmp_path: Path) -> bytes:
    return pickle.dumps([Payload(tmp_path / "marker")] * 24)


def refused(tmp_path: Path, folder: Path, word: str) -> None:
    """The array is refused, and its payload has not run."""
    with pytest.raises(InputError, match=word) as caught:
        np.asarray(open_array(folder)[:])
    assert folder.name in str(caught.value)
    assert not (tmp_path / "marker").exists()


def test_the_payload_runs_when_it_is_unpickled(tmp_path: Path) -> None:
    pickle.loads(payload(tmp_path))  # noqa: S301 - else the tests below would prove nothing
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize("place", ["filters", "compressor"])
@pytest.mark.parametrize("dtype", ["|O", "|u1"])
def test_a_pickle_codec_never_runs(place: str, dtype: str, tmp_path: Path) -> None:
    codec = {"id": "pickle", "protocol": 5}
    changes = {place: [codec] if place == "filters" else codec, "dtype": dtype}
    folder = array_2(tmp_path / "a.zarr", payload(tmp_path), **changes)
    refused(tmp_path, folder, "no plain numbers" if dtype == "|O" else "codec")


@pytest.mark.parametrize("name", ["numcodecs.pickle", "pickle", "numcodecs.json2", "numcodecs.msgpack2", "vlen-bytes"])
def test_codecs_that_build_objects_never_run(name: str, tmp_path: Path) -> None:
    codecs = [{"name": "bytes"}, {"name": name, "configuration": {}}]
    refused(tmp_path, array_3(tmp_path / "a.zarr", payload(tmp_path), codecs), "codec")


def test_the_name_of_a_codec_is_the_one_that_zarr_reads(tmp_path: Path) -> None:
    codecs = [{"name": "bytes"}, {"id": "zstd", "name": "numcodecs.pickle"}]
    refused(tmp_path, array_3(tmp_path / "a.zarr", payload(tmp_path), codecs), "codec")
    two = {"id": "pickle", "name": "zstd"}
    refused(tmp_path, array_2(tmp_path / "b.zarr", payload(tmp_path), compressor=two), "codec")


def test_a_codec_inside_shards_is_looked_at(tmp_path: Path) -> None:
    inner = {"chunk_shape": [1, 3, 4], "codecs": ["bytes", "numcodecs.pickle"], "index_codecs": ["bytes", "crc32c"]}
    codecs = [{"name": "sharding_indexed", "configuration": inner}]
    refused(tmp_path, array_3(tmp_path / "a.zarr", payload(tmp_path), codecs), "codec")


@pytest.mark.parametrize("dtype", ["|O", "<U5", "|S3", "|V4", [["a", "<f4"], ["b", "<f4"]], "<M8[s]", 5, None])
def test_other_things_than_numbers_are_refused(dtype: Any, tmp_path: Path) -> None:
    refused(tmp_path, array_2(tmp_path / "a.zarr", bytes(24), dtype=dtype), "no plain numbers")


@pytest.mark.parametrize("dtype", ["string", "variable_length_utf8", "r16", {"name": "structured"}, None])
def test_other_data_types_are_refused(dtype: Any, tmp_path: Path) -> None:
    refused(tmp_path, array_3(tmp_path / "a.zarr", bytes(24), ["bytes"], data_type=dtype), "no plain numbers")


def test_filters_may_not_make_objects(tmp_path: Path) -> None:
    astype = {"id": "astype", "encode_dtype": "|u1", "decode_dtype": "|O"}
    refused(tmp_path, array_2(tmp_path / "a.zarr", bytes(24), filters=[astype]), "numbers")


def test_consolidated_metadata_are_not_believed(tmp_path: Path) -> None:
    root = zarr.create_group(tmp_path / "a.zarr", zarr_format=2)
    root.create_array("0", data=np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    bad = json.loads((tmp_path / "a.zarr/0/.zarray").read_text()) | {"dtype": "|O", "compressor": {"id": "pickle"}}
    (tmp_path / "a.zarr/.zmetadata").write_text(
        json.dumps({"zarr_consolidated_format": 1, "metadata": {".zgroup": {"zarr_format": 2}, "0/.zarray": bad}})
    )
    assert int(ZarrFolder.open(tmp_path / "a.zarr")["0"].array()[1, 2, 3]) == 23


@pytest.mark.parametrize("codec", ["zlib", "gzip", "bz2", "lzma", "lz4", "zstd", "blosc"])
@pytest.mark.parametrize("filters", [[], [numcodecs.Delta("<u2"), numcodecs.CRC32()]])
def test_what_compressors_write_is_read(codec: str, filters: list[Any], tmp_path: Path) -> None:
    data = np.arange(4000, dtype=np.uint16).reshape(10, 20, 20)
    zarr.create_array(
        tmp_path / "a.zarr", data=data, chunks=(5, 20, 20), zarr_format=2, filters=filters,
        compressors=numcodecs.get_codec({"id": codec}),
    )  # fmt: skip
    np.testing.assert_array_equal(open_array(tmp_path / "a.zarr")[:], data)


@pytest.mark.parametrize("where", ["start", "end"])
def test_shards_are_read(where: str, tmp_path: Path) -> None:
    data = np.arange(4096, dtype=np.float32).reshape(16, 16, 16)
    sharding = zarr.codecs.ShardingCodec(
        chunk_shape=(4, 8, 8), codecs=[zarr.codecs.BytesCodec(), zarr.codecs.ZstdCodec()], index_location=where
    )
    zarr.create_array(
        tmp_path / "a.zarr", data=data, chunks=(8, 16, 16), serializer=sharding, compressors=None, filters=None
    )
    array = open_array(tmp_path / "a.zarr")
    np.testing.assert_array_equal(array[:], data)
    np.testing.assert_array_equal(array[3:5, :7, 2:], data[3:5, :7, 2:])


BOMB = bytes(2**25)


@pytest.mark.parametrize("codec", ["zlib", "gzip", "bz2", "lzma", "lz4", "zstd", "blosc"])
def test_a_chunk_that_unpacks_to_more_than_its_array_is_refused(
    codec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = numcodecs.get_codec({"id": codec})
    chunk = bytes(made.encode(np.frombuffer(BOMB, np.uint8)))
    monkeypatch.setattr(type(made), "decode", lambda *_: pytest.fail("it was unpacked"))
    refused(tmp_path, array_2(tmp_path / "a.zarr", chunk, compressor=made.get_config()), "unpacks to far more")


@pytest.mark.parametrize("total", [True, False])
def test_so_is_one_inside_a_shard(total: bool, tmp_path: Path) -> None:
    chunk = zlib.compress(BOMB)
    index = np.array([[0, len(chunk)], [0, len(chunk)]], "<u8").tobytes()
    inner: dict[str, Any] = {"chunk_shape": [1, 3, 4]}
    inner["codecs"] = [{"name": "bytes"}, {"name": "numcodecs.zlib", "configuration": {"level": 1}}]
    inner["index_codecs"] = [{"name": "bytes", "configuration": {"endian": "little"}}]
    folder = array_3(tmp_path / "a.zarr", chunk + index, [{"name": "sharding_indexed", "configuration": inner}])
    with pytest.raises(InputError, match="unpacks to far more"):
        open_array(folder)[:] if total else open_array(folder)[0]


def test_a_file_longer_than_a_chunk_can_be_is_not_read(tmp_path: Path) -> None:
    folder = array_2(tmp_path / "a.zarr", b"")
    with (folder / "0.0.0").open("wb") as file:
        file.truncate(2**33)
    refused(tmp_path, folder, "unpacks to far more")


def test_chunks_far_larger_than_the_array_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, array_2(tmp_path / "a.zarr", b"", chunks=[1300] * 3, compressor=BLOSC), "chunks of 2.0 GB")
    refused(tmp_path, array_2(tmp_path / "b.zarr", b"", shape=[2000] * 3, chunks=[2000] * 3), "chunks of 7.5 GB")


def test_paths_do_not_lead_out(tmp_path: Path) -> None:
    array_2(tmp_path / "outside", bytes(24))
    zarr.create_group(tmp_path / "a.zarr")
    folder = ZarrFolder.open(tmp_path / "a.zarr")
    for name in ("../outside", str(tmp_path / "outside")):
        with pytest.raises(InputError, match="outside it"):
            folder[name]


def test_zstd_without_a_stated_size_is_bounded_by_its_blocks() -> None:
    block = (2**17 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    frame = zarr_codecs.ZSTD_MAGIC.to_bytes(4, "little") + b"\0\x58" + block * 1000
    assert zarr_codecs.unpacked_bound(frame, [zarr_codecs.Codec("zstd", {})], 2**20) == 1000 * 2**17
