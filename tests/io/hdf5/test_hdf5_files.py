"""HDF5: data sets by name, axes and sizes as other programs write them, and nothing outside the file."""

import json
import multiprocessing
import os
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

import napari_hypseg
from napari_hypseg.errors import InputError, OutputError
from napari_hypseg.io import LabelImage, open_channels, open_volume, write_labels, write_volume
from napari_hypseg.io.hdf5 import probe
from napari_hypseg.io.hdf5.reader import dataset_paths
from napari_hypseg.io.volume_paths import split_dataset_path
from napari_hypseg.volumes import Volume


@pytest.fixture(autouse=True)
def _no_trial(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests do without the look by another process, which takes most of their time."""
    if "trial" not in request.node.name:
        monkeypatch.setattr(probe, "_failure", lambda *_: "")


def test_a_good_file_passes_the_trial(distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "ünï cödé.h5", raw=distinct, other=distinct + 1)
    np.testing.assert_array_equal(np.asarray(open_volume(path / "raw").channels[0]), distinct)
    assert probe.main(str(path), "raw") == 0


@pytest.mark.parametrize("code", ["os.kill(os.getpid(), 11)", "bytearray(10**12)"])
def test_what_fails_the_trial_is_told(
    code: str, distinct: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("resource")
    path = written(tmp_path / "a.h5", raw=distinct)
    package = tmp_path / "broken" / "h5py"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"import os\n{code}\n")
    monkeypatch.setenv("PYTHONPATH", f"{package.parent}{os.pathsep}{Path(napari_hypseg.__file__).parent.parent}")
    with pytest.raises(InputError, match=r"a\.h5 is damaged: (the HDF5 library fails|it asks for more memory)"):
        open_volume(path)


def written(path: Path, **datasets: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        for name, data in datasets.items():
            file[name.replace("__", "/")] = data
    return path


def axistags(letters: str, resolution: float = 0.0) -> str:
    tags = [{"key": key, "typeFlags": 2, "resolution": resolution, "description": ""} for key in letters]
    return json.dumps({"axes": tags})


@pytest.mark.parametrize("dtype", ["u1", "<i2", ">u2", "f4", "f8", "?", "f2", "i8"])
@pytest.mark.parametrize("options", [{}, {"chunks": (2, 3, 4), "compression": "gzip", "shuffle": True}])
def test_the_only_volume_is_read(options: dict[str, object], dtype: str, distinct: np.ndarray, tmp_path: Path) -> None:
    data = (distinct % 2).astype(dtype) if dtype == "?" else distinct.astype(dtype)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("volume/data", data=data, **options)
        file["volume/threshold"] = np.arange(7.0)
        file["text"] = "nothing to see"
    volume = open_volume(tmp_path / "a.h5")
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), data.astype(np.uint8) if dtype == "?" else data)
    assert volume.channels[0].dtype == (np.uint8 if dtype == "?" else np.dtype(dtype).newbyteorder("="))
    assert (volume.name, volume.sources) == ("a", (tmp_path / "a.h5",))
    assert "does not say" in volume.notes[0]


@pytest.mark.parametrize(
    "index",
    [
        0,
        -1,
        np.s_[:, 2],
        np.s_[1:4, ::2, -2],
        np.s_[4:0:-2, 2:2],
        np.s_[..., 3],
        np.s_[::2, ::-1, 1:-1:3],
        np.ix_([0, 3], [1, 5, 2], [6]),
        np.s_[2:99],
    ],
)
@pytest.mark.parametrize("letters", ["zyx", "xyz", "yxz"])
def test_any_index_gives_what_numpy_gives(letters: str, index: object, distinct: np.ndarray, tmp_path: Path) -> None:
    stored = distinct.transpose(["zyx".index(letter) for letter in letters])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("data", data=stored, chunks=(2, 2, 2), compression="lzf")
        file["data"].attrs["axistags"] = axistags(letters)
    channel = open_volume(tmp_path / "a.h5").channels[0]
    np.testing.assert_array_equal(channel[index], distinct[index])
    with pytest.raises(IndexError):
        channel[5]


def test_several_volumes_are_listed_and_one_is_named(distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "cell.h5", volumes__raw=distinct, volumes__labels=distinct % 5, list=np.arange(9))
    with pytest.raises(InputError, match=r"2 volumes; .*cell\.h5/volumes/labels, cell\.h5/volumes/raw\."):
        open_volume(path)
    assert dataset_paths(path) == (path / "volumes/labels", path / "volumes/raw")
    for text in (f"{path}/volumes/raw", f"{path}:/volumes/raw", f"{path}//volumes/raw/"):
        volume = open_volume(text)
        np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
        assert (volume.name, volume.sources) == ("cell-raw", (path / "volumes/raw",))
    assert open_volume(open_volume(path / "volumes/raw").sources[0]).fingerprint == volume.fingerprint
    with pytest.raises(InputError, match=r"holds no data set 'volumes/mask'; it holds volumes/labels, volumes/raw"):
        open_volume(path / "volumes" / "mask")
    assert len(open_channels(f"{path}/volumes/raw+{path}/volumes/labels").channels) == 2


def test_a_path_is_split_where_the_file_ends(
    distinct: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(written(tmp_path / "a.h5", b__c=distinct).parent)
    for text in ("a.h5/b/c", "a.h5:/b/c", "./a.h5/b/c"):
        assert split_dataset_path(Path(text)) == (Path("a.h5"), "b/c")
    for text in ("a.h5", "missing.h5/b", "b", ".", "/", ":/b", "missing/a.h5/b"):
        assert split_dataset_path(Path(text)) == (Path(text), "")


def test_a_group_with_one_volume_stands_for_it(distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", first__data=distinct, second__data=distinct + 1)
    assert open_volume(path / "second").channels[0][0, 0, 0] == 1


def test_a_name_inside_another_file_is_no_data_set(distinct: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", distinct)
    with pytest.raises(InputError, match="NumPy array, which holds no 'raw'"):
        open_volume(tmp_path / "a.npy" / "raw")
    with pytest.raises(InputError, match="does not exist"):
        open_volume(tmp_path / "b.h5" / "raw")


def test_probabilities_of_ilastik(distinct: np.ndarray, tmp_path: Path) -> None:
    stored = np.stack([distinct, distinct + 500], axis=-1)[None].astype("f4")
    with h5py.File(tmp_path / "Probabilities.h5", "w") as file:
        file["exported_data"] = stored
        file["exported_data"].attrs["axistags"] = axistags("tzyxc")
        file["exported_data"].attrs["drange"] = (0.0, 1.0)
    volume = open_volume(tmp_path / "Probabilities.h5")
    assert len(volume.channels) == 2
    np.testing.assert_array_equal(np.asarray(volume.channels[1]), distinct + 500)


def test_single_axes_are_left_out_and_others_told(distinct: np.ndarray, tmp_path: Path) -> None:
    np.testing.assert_array_equal(
        np.asarray(open_volume(written(tmp_path / "a.h5", x=distinct[None, :, :, :, None])).channels[0]), distinct
    )
    with pytest.raises(InputError, match="no volume"):
        open_volume(written(tmp_path / "b.h5", x=distinct[0]))
    with pytest.raises(InputError, match="2-D image"):
        open_volume(tmp_path / "b.h5" / "x")
    with pytest.raises(InputError, match="4-D stack"):
        open_volume(written(tmp_path / "c.h5", x=np.stack([distinct] * 2)) / "x")
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        for dim, letter in zip(file["x"].dims, "tzyx", strict=True):
            dim.label = letter
    with pytest.raises(InputError, match="time series"):
        open_volume(tmp_path / "c.h5" / "x")
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        file["x"].dims[0].label = "channel"
    assert len(open_volume(tmp_path / "c.h5").channels) == 2


SIZES = {
    "fiji": ({"element_size_um": [3.0, 2.0, 1.5]}, "micrometer", (0, 0, 0)),
    "cremi": ({"resolution": [3.0, 2.0, 1.5], "offset": [40.0, 8.0, 4.0]}, "nanometer", (40, 8, 4)),
    "funlib": (
        {"voxel_size": [3, 2, 1.5], "units": ["nm", "nm", "nm"], "offset": [40, 8, 4]},
        "nanometer",
        (40, 8, 4),
    ),
}


@pytest.mark.parametrize("kind", SIZES)
def test_sizes_of_other_programs(kind: str, distinct: np.ndarray, tmp_path: Path) -> None:
    attributes, unit, origin = SIZES[kind]
    path = written(tmp_path / "a.h5", raw=distinct)
    with h5py.File(path, "r+") as file:
        file["raw"].attrs.update(attributes)
    volume = open_volume(path)
    assert (volume.voxel_size, volume.unit, volume.origin) == ((3.0, 2.0, 1.5), unit, origin)
    assert volume.notes == ()


def test_sizes_of_ilastik(distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", raw=distinct)
    with h5py.File(path, "r+") as file:
        file["raw"].attrs["axistags"] = axistags("zyx", 2.0)
    assert open_volume(path).unit == "pixel"
    with h5py.File(path, "r+") as file:
        file["raw"].attrs["axis_units"] = json.dumps({"x": "nm", "y": "nm", "z": "µm"})
    volume = open_volume(path)
    np.testing.assert_allclose(volume.voxel_size, (2000.0, 2.0, 2.0))
    assert volume.unit == "nanometer"


@pytest.mark.parametrize("value", ["text", [1.0, 2.0], [0.0, 1.0, 1.0], [np.nan, 1.0, 1.0], 7.0])
def test_sizes_that_cannot_be_are_not_believed(value: object, distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", raw=distinct)
    with h5py.File(path, "r+") as file:
        file["raw"].attrs["element_size_um"] = value
        file["raw"].attrs["axistags"] = "{" * 100_000
    volume = open_volume(path)
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "pixel")
    assert volume.notes


@pytest.mark.parametrize("unit", ["angstrom", "nanometer", "picometer", "pixel"])
def test_labels_come_back_in_their_place(unit: str, labels: LabelImage, tmp_path: Path) -> None:
    path = write_labels(tmp_path / "level 8.h5", replace(labels, unit=unit))
    volume = open_volume(path)
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), labels.data)
    assert volume.channels[0].dtype == np.uint8
    assert (volume.voxel_size, volume.unit, volume.origin) == (labels.voxel_size, unit, labels.origin)
    assert volume.metadata["names"] == labels.names
    assert volume.metadata["colours"] == labels.colours
    with h5py.File(path) as file:
        assert list(file) == ["labels"]
        attributes = file["labels"].attrs
        assert [axis["key"] for axis in json.loads(attributes["axistags"])["axes"]] == ["z", "y", "x"]
        assert ("element_size_um" in attributes) == (unit != "pixel")
        if unit == "nanometer":
            np.testing.assert_allclose(attributes["element_size_um"], np.array(labels.voxel_size) / 1000)


def test_channels_are_one_data_set(distinct: np.ndarray, tmp_path: Path) -> None:
    volume = Volume((distinct, distinct + 7), (3.0, 2.0, 1.5), "nanometer", (10.0, 20.0, 30.0))
    (path,) = write_volume(tmp_path / "a.h5", volume, volume.box)
    back = open_volume(path)
    for channel, expected in zip(back.channels, volume.channels, strict=True):
        np.testing.assert_array_equal(np.asarray(channel), expected)
    assert (back.voxel_size, back.unit, back.origin) == (volume.voxel_size, volume.unit, volume.origin)


def test_a_file_that_is_read_is_never_written_over(distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", raw=distinct, labels=distinct)
    volume = open_volume(path / "raw")
    with pytest.raises(OutputError, match="would write over"):
        write_volume(path, volume, volume.box)
    assert dataset_paths(path) == (path / "labels", path / "raw")


def test_voxels_of_other_files_are_never_read(distinct: np.ndarray, tmp_path: Path) -> None:
    written(tmp_path / "other.h5", raw=distinct)
    distinct.tofile(tmp_path / "numbers.raw")
    raw = [(str(tmp_path / "numbers.raw"), 0, distinct.nbytes)]
    layout = h5py.VirtualLayout(distinct.shape, distinct.dtype)
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "raw", distinct.shape)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["linked"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "raw")
        file["folder"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/")
        file["around"] = h5py.SoftLink("/folder/raw")
        file["circle"] = h5py.SoftLink("/circle")
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("outside", distinct.shape, distinct.dtype, external=raw)
    for name in ("linked", "folder/raw", "around"):
        with pytest.raises(InputError, match="leads to another file"):
            open_volume(tmp_path / "a.h5" / name)
    for name in ("virtual", "outside"):
        with pytest.raises(InputError, match="voxels in other files"):
            open_volume(tmp_path / "a.h5" / name)
    with pytest.raises(InputError, match="holds no data set"):
        open_volume(tmp_path / "a.h5" / "circle")


def test_links_inside_the_file_are_followed(distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", deep__raw=distinct, deep__other=distinct + 1)
    with h5py.File(path, "r+") as file:
        file["deep/link"] = h5py.SoftLink("raw")
        file["top"] = h5py.SoftLink("/deep")
    np.testing.assert_array_equal(np.asarray(open_volume(path / "top" / "link").channels[0]), distinct)


def test_objects_and_foreign_filters_are_refused(distinct: np.ndarray, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("words", data=np.full((3, 3, 3), "a", dtype=object), dtype=h5py.string_dtype())
        file.create_dataset("offset", data=distinct, scaleoffset=0)
        file.create_dataset("pairs", data=np.zeros((3, 3, 3), [("a", "f4"), ("b", "f4")]))
    with pytest.raises(InputError, match="object values"):
        open_volume(tmp_path / "a.h5" / "words")
    with pytest.raises(InputError, match="filter 'scaleoffset'"):
        open_volume(tmp_path / "a.h5" / "offset")
    with pytest.raises(InputError, match="RGB"):
        open_volume(tmp_path / "a.h5" / "pairs")


def test_a_chunk_that_unpacks_to_gigabytes_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zlib

    monkeypatch.setattr("napari_hypseg.io.hdf5.array.MARGIN", 2**20)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("raw", (16, 16, 16), "u1", chunks=(16, 16, 16), compression="gzip")
        data.id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(2**26)))
    channel = open_volume(tmp_path / "a.h5").channels[0]
    with pytest.raises(InputError, match="far more than its data set declares"):
        channel[0]


def test_large_chunks_of_a_small_volume_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("raw", (4, 4, 4), "f8", chunks=(1024, 1024, 64), maxshape=(None,) * 3)
    with pytest.raises(InputError, match=r"chunks of 0\.5 GB"):
        open_volume(tmp_path / "a.h5")


def test_damage_is_told_when_it_is_met(distinct: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "no.h5").write_bytes(b"no HDF5 at all, although it is called so")
    with pytest.raises(InputError, match=r"no\.h5 cannot be read as HDF5 file"):
        open_volume(tmp_path / "no.h5")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("raw", data=distinct, chunks=(5, 6, 7), compression="gzip")
        start = file["raw"].id.get_chunk_info(0).byte_offset
    whole = bytearray((tmp_path / "a.h5").read_bytes())
    whole[start + 4 : start + 40] = bytes(36)
    (tmp_path / "a.h5").write_bytes(whole)
    channel = open_volume(tmp_path / "a.h5").channels[0]
    with pytest.raises(InputError, match=r"a\.h5"):
        channel[:]


def test_the_file_is_free_between_two_reads(distinct: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", raw=distinct)
    channel = open_volume(path).channels[0]
    with h5py.File(path, "r+") as file:
        file["raw"][0] = 9
    assert (channel[0] == 9).all()
    with h5py.File(path, "w") as file:
        file["raw"] = distinct[:3]
    with pytest.raises(InputError, match="has changed"):
        channel[0]
    path.unlink()
    with pytest.raises(InputError, match=r"a\.h5 is missing"):
        channel[0]


def _write_with_limit(path: Path, size: int, answer: "multiprocessing.Queue[str]") -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    data = np.random.default_rng(0).integers(0, 2**16, (64, 64, 64)).astype(np.uint16)
    volume = Volume((data,))
    try:
        write_volume(path, volume, volume.box)
    except OutputError as error:
        answer.put(str(error))
    else:
        answer.put("written")


def test_a_disk_without_room_is_told_and_nothing_stays(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    spawn = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[str] = spawn.Queue()
    process = spawn.Process(target=_write_with_limit, args=(tmp_path / "a.h5", 100_000, answer))
    process.start()
    told = answer.get(timeout=120)
    process.join()
    assert "a.h5 cannot be written" in told
    assert list(tmp_path.iterdir()) == []
