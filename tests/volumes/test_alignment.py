"""What is put together lies on one grid, is reoriented onto it, or is refused with what differs."""

from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.volumes import Specimen, Volume, align_to, join_channels
from napari_hypseg.volumes.alignment import align_to_corrected, orient_to
from napari_hypseg.volumes.orientation import Orientation, as_direction, reorient

SHAPE = (6, 7, 8)
DATA = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
RAS = as_direction(np.eye(3))


def head(**changes):
    return replace(Volume((DATA,), (3.0, 1.0, 1.0), "millimeter", (5.0, -20.0, 30.0), "head", direction=RAS), **changes)


def turned_by(degrees):
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return as_direction([[1, 0, 0], [0, c, -s], [0, s, c]])


@pytest.mark.parametrize(
    "orientation",
    [
        Orientation(flipped=(False, False, True)),
        Orientation(flipped=(False, True, True)),
        Orientation((2, 1, 0), (True, False, False)),
        Orientation((1, 2, 0), (True, True, True)),
    ],
    ids=str,
)
def test_another_order_or_sense_of_axes_is_undone_exactly(orientation):
    stored = replace(reorient(head(), orientation), name="mask")
    aligned = align_to(stored, head())
    np.testing.assert_array_equal(np.asarray(aligned.channels[0]), DATA)
    assert (aligned.voxel_size, aligned.direction) == (head().voxel_size, RAS)
    assert aligned.origin == pytest.approx(head().origin)
    assert any("exchanged or reversed" in note and "mask" in note for note in aligned.notes)


def test_rounding_in_headers_is_nothing():
    sloppy = head(
        voxel_size=(3.0000002, 0.9999998, 1.0),
        origin=(5.00001, -20.00001, 30.0),
        direction=turned_by(1e-5),
        name="mask",
    )
    aligned = align_to(sloppy, head())
    assert aligned.notes == ()
    assert aligned.channels[0] is DATA


@pytest.mark.parametrize("degrees", [5, 44, 60, 95])
def test_axes_that_are_turned_are_refused(degrees):
    square = head(channels=(np.zeros((8, 8, 8)),))
    with pytest.raises(InputError, match=r"axes of mask are turned against those of head.* resample mask"):
        align_to(replace(square, direction=turned_by(degrees), name="mask"), square)


def test_centred_alike_is_not_alike():
    """Half the voxel size about the same centre, and a mirrored place that only a symmetric one would forgive."""
    size = (1.5, 0.5, 0.5)
    origin = tuple(
        o + (n - 1) / 2 * (s - t) for o, n, s, t in zip(head().origin, SHAPE, head().voxel_size, size, strict=True)
    )
    with pytest.raises(InputError, match=r"mask has voxels of 1.5 × 0.5 × 0.5 mm but head of 3 × 1 × 1 mm"):
        align_to(head(voxel_size=size, origin=origin, name="mask"), head())
    mirrored = head(direction=as_direction(np.diag([1.0, 1.0, -1.0])), origin=(5.0, -20.0, 30.0), name="mask")
    with pytest.raises(InputError, match=r"mask begins 0, 0, -67 voxels \(z, y, x\) from head"):
        align_to(mirrored, head())


def test_another_place_is_refused_and_half_a_voxel_noted():
    with pytest.raises(InputError, match="mask begins 1, 0, 0 voxels"):
        align_to(head(origin=(8.0, -20.0, 30.0), name="mask"), head())
    (note,) = align_to(head(origin=(6.5, -19.5, 30.5), name="mask"), head()).notes
    assert "centre and corner" in note


def test_a_rounded_voxel_size_is_noted():
    tomogram = Volume((np.zeros((64, 64, 64)),), (13.48,) * 3, "angstrom", name="tomogram")
    (note,) = align_to(replace(tomogram, voxel_size=(13.6,) * 3, name="mask"), tomogram).notes
    assert "13.6 × 13.6 × 13.6 Å" in note
    with pytest.raises(InputError, match="correct the size that is wrong"):
        align_to(replace(tomogram, voxel_size=(14.0,) * 3, name="mask"), tomogram)
    (note,) = align_to(replace(tomogram, voxel_size=(1.0,) * 3, name="mask"), tomogram).notes
    assert "1 Å is what programs write" in note


def test_units_are_converted():
    micro = head(
        voxel_size=(3000.0, 1000.0, 1000.0), unit="micrometer", origin=(5000.0, -20000.0, 30000.0), name="mask"
    )
    assert align_to(micro, head()).notes == ()


def test_a_file_that_says_nothing_is_taken_as_the_other_with_a_note():
    (note,) = align_to(Volume((DATA,), name="mask"), head()).notes
    assert "mask does not say which way its axes lie" in note
    (note,) = align_to(head(), Volume((DATA,), name="stack")).notes
    assert "stack does not say" in note
    assert align_to(Volume((DATA,), name="a"), Volume((DATA,), name="b")).notes == ()


def test_a_file_that_says_little_is_compared_in_that():
    mask = Volume((DATA,), (2.0, 1.0, 1.0), "millimeter", name="mask")  # a TIFF: size, but no direction
    with pytest.raises(InputError, match="mask has voxels of"):
        align_to(mask, head())


def test_an_origin_of_0_is_none():
    tomogram = Volume((DATA,), (10.0,) * 3, "angstrom", (100.0, 0.0, 50.0), "tomogram")
    (note,) = align_to(replace(tomogram, origin=(0.0, 0.0, 0.0), name="mask"), tomogram).notes
    assert "mask gives no origin" in note
    with pytest.raises(InputError, match="show different places"):
        align_to(replace(tomogram, origin=(100.0, 0.0, 90.0), name="mask"), tomogram)


def test_shapes_are_named():
    with pytest.raises(InputError, match=r"mask has 6×7×4 voxels \(z, y, x\) but head has 6×7×8"):
        align_to(head(channels=(DATA[:, :, :4],), name="mask"), head())


def test_channels_and_masks_come_out_on_the_grid_of_the_first():
    flip = Orientation(flipped=(False, False, True))
    joined = join_channels([head(), replace(reorient(head(), flip), name="t2", sources=())])
    np.testing.assert_array_equal(joined.read(joined.box)[0], joined.read(joined.box)[1])
    painted = (DATA > 0).astype(np.uint8)
    mask = reorient(head(channels=(painted,), name="mask"), flip)
    specimen = Specimen(head(), mask)
    np.testing.assert_array_equal(specimen.inside(specimen.region), painted > 0)


def test_a_corrected_size_may_be_that_of_the_mask_or_not():
    wrong = Volume((DATA,), (4.0,) * 3, "angstrom", name="tomogram")
    right = replace(wrong, voxel_size=(13.5,) * 3)
    for mask in (wrong, right):
        aligned = align_to_corrected(replace(mask, name="mask"), lambda: wrong, right)
        assert Specimen(right, aligned).mask.voxel_size == right.voxel_size
    with pytest.raises(InputError, match="mask has voxels of"):
        align_to_corrected(replace(wrong, voxel_size=(8.0,) * 3, name="mask"), lambda: wrong, right)


def test_orienting_leaves_what_is_unknown():
    assert orient_to(Volume((DATA,)), head()).channels[0] is DATA
