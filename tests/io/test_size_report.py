"""What cropping has saved is said of like and like."""

from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.io import SizeReport, open_channels, open_volume, write_volume
from napari_hypseg.volumes import Box, Volume, join_channels

HALF = Box((0, 0, 0), (20, 40, 40))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (2_000_000_000, 480_000_000, "Saved 1.52 GB: 2.00 GB became 0.48 GB (4.2 times smaller)."),
        (2_000_000_000, 48_000_000, "Saved 1.95 GB: 2.00 GB became 48.0 MB (41.7 times smaller)."),
        (500_000_000, 120_000_000, "Saved 380 MB: 500 MB became 120 MB (4.2 times smaller)."),
        (12_300_000, 1_500_000, "Saved 10.8 MB: 12.3 MB became 1.50 MB (8.2 times smaller)."),
        (3_000_000_000_000, 1_000_000_000_000, "Saved 2.00 TB: 3.00 TB became 1.00 TB (3.0 times smaller)."),
        (2_500, 900, "Saved 1.60 kB: 2.50 kB became 0.90 kB (2.8 times smaller)."),
        (900, 300, "Saved 600 bytes: 900 bytes became 300 bytes (3.0 times smaller)."),
        (1_000_000, 990_000, "Saved 10.0 kB: 1.00 MB became 0.99 MB (1.01 times smaller)."),
        (1_000_000, 1_000_000, "Nothing was saved: 1.00 MB became 1.00 MB."),
        (1_000_000, 2_400_000, "Nothing was saved: 1.00 MB became 2.40 MB."),
    ],
)
def test_sentences(before: int, after: int, sentence: str) -> None:
    assert str(SizeReport(before, after)) == sentence
    assert SizeReport(before, after).saved == before - after
    assert SizeReport(before, after).factor == pytest.approx(before / after)


def test_several_together() -> None:
    total = sum([SizeReport(100, 30), SizeReport(50, 20, of_files=False)], SizeReport(0, 0))
    assert total == SizeReport(150, 50, of_files=False)
    assert str(total).endswith("Both are counted without compression.")


@pytest.fixture
def volume() -> Volume:
    """Most of it the same, so that compressing it makes a difference."""
    data = np.zeros((40, 40, 40), np.uint16)
    data[:4] = np.random.default_rng(0).integers(0, 65535, (4, 40, 40))
    return Volume((data,), (2.0, 2.0, 2.0), "nanometer")


@pytest.mark.parametrize(("whole", "part"), [("a.mrc", "b.mrc"), ("a.nii", "b.tif"), ("a.nii.gz", "b.nii.gz"),
                                             ("a.nii.gz", "b.zarr")])  # fmt: skip
def test_sizes_of_files_where_both_are_plain_or_both_compressed(
    whole: str, part: str, volume: Volume, tmp_path: Path
) -> None:
    (source,) = write_volume(tmp_path / whole, volume, volume.box)
    written = write_volume(tmp_path / part, volume, HALF)
    found = SizeReport.of(open_volume(source), HALF, written)
    assert found.of_files
    assert found.before == source.stat().st_size
    if part != "b.zarr":
        assert found.after == written[0].stat().st_size


@pytest.mark.parametrize(("whole", "part"), [("a.nii.gz", "b.mrc"), ("a.mrc", "b.zarr"), ("a.zarr", "b.tif")])
def test_voxels_where_only_one_is_compressed(whole: str, part: str, volume: Volume, tmp_path: Path) -> None:
    (source,) = write_volume(tmp_path / whole, volume, volume.box)
    found = SizeReport.of(open_volume(source), HALF, write_volume(tmp_path / part, volume, HALF))
    assert found == SizeReport(2 * volume.box.size, 2 * HALF.size, of_files=False)
    assert found.factor == 2


def test_voxels_where_the_volume_is_in_memory(volume: Volume, tmp_path: Path) -> None:
    bytes_ = Volume((volume.channels[0].astype(np.uint8),) * 2)
    written = write_volume(tmp_path / "a.mrc", bytes_, HALF)
    assert len(written) == 2
    assert SizeReport.of(bytes_, HALF, written) == SizeReport(2 * volume.box.size, 4 * HALF.size, of_files=False)


def test_a_crop_may_take_as_much_as_the_whole(volume: Volume, tmp_path: Path) -> None:
    """Bytes become 16-bit integers in a map; that is no saving, and is not called one."""
    np.save(tmp_path / "a.npy", volume.channels[0].astype(np.uint8))
    source = open_volume(tmp_path / "a.npy")
    found = SizeReport.of(source, HALF, write_volume(tmp_path / "a.mrc", source, HALF))
    assert found.of_files
    assert str(found).startswith("Nothing was saved")


def test_a_file_of_two_channels_counts_once(volume: Volume, tmp_path: Path) -> None:
    (source,) = write_volume(tmp_path / "a.tif", join_channels([volume, volume]), volume.box)
    opened = open_channels(f"{source}+{source}")
    found = SizeReport.of(open_volume(source), HALF, write_volume(tmp_path / "b.tif", opened, HALF))
    assert found.before == source.stat().st_size
