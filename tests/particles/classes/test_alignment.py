import numpy as np
import pytest
import torch

from napari_hypseg.jobs import Command, Progress, drive, quietly
from napari_hypseg.nn.spatial.rotations import random_rotations, rotation_angle
from napari_hypseg.particles.classes.alignment.align import align_job
from napari_hypseg.particles.classes.alignment.box_spectra import BoxSpectra, from_spectrum, to_spectrum
from napari_hypseg.particles.classes.alignment.measured_band import measured_band
from napari_hypseg.particles.classes.alignment.merging import merge_references
from napari_hypseg.particles.classes.alignment.missing_wedge import measured_frequencies
from napari_hypseg.particles.classes.alignment.noise_model import NoiseModel
from napari_hypseg.particles.classes.alignment.references import TurnedBoxes, make_references_job
from napari_hypseg.particles.classes.alignment.rotation_grid import even_rotations, rotations_around
from napari_hypseg.particles.classes.alignment.search import refine_job, search_job, shift_grid
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings

EDGE, WIDTH = 14, 1.3
NOW = Progress("turn", 1, 2)
ROD = torch.tensor([[-3.5, 0.0, 0.0], [-1.5, 0.0, 0.0], [0.5, 0.0, 0.0], [2.5, 1.5, 0.0], [0.5, 0.0, 3.0]])
BLOCK = torch.tensor([[0.0, 1.5, 1.5], [0.0, -1.5, 1.5], [0.0, 1.5, -1.5], [0.0, -1.5, -1.5], [2.5, 1.5, 1.5]])


def _drawn(points, rotations, offsets):
    """Boxes of points that rotations (n, 3, 3) take row vectors of the box to, off the middle by `offsets`."""
    line = torch.arange(EDGE) - EDGE // 2
    places = points @ rotations.mT + offsets[:, None]
    along = [torch.exp(-0.5 * ((line - places[..., axis, None]) / WIDTH) ** 2) for axis in range(3)]
    return torch.einsum("nkz,nky,nkx->nzyx", *along)


def _without_wedge(boxes, tilt_range):
    measured = torch.from_numpy(measured_frequencies((EDGE,) * 3, tilt_range))
    return torch.fft.ifftn(torch.fft.fftn(boxes, dim=(1, 2, 3)) * measured, dim=(1, 2, 3)).real.float().numpy()


def _spectra(boxes, tilt_range=60.0):
    spectra = BoxSpectra(boxes, measured_band(EDGE, 3.0, tilt_range), tilt_range, 6.0, 3.0)
    quietly(spectra.move_job(spectra.offsets, NOW))
    return spectra


@pytest.mark.parametrize("tilt_range", [45.0, 60.0, 90.0])
def test_a_wedge_about_z_is_missing(tilt_range):
    measured = measured_frequencies((32, 32, 32), tilt_range)
    assert measured.mean() == pytest.approx(1 if tilt_range == 90 else {45: 0.5, 60: 0.71}[int(tilt_range)], abs=0.04)
    assert measured[0].all()
    assert (measured[5, :, 0] == (tilt_range == 90)).all()
    assert measured[2, 7, 5] == 1


def test_spectra_are_about_the_middle_and_invert():
    point = torch.zeros(1, EDGE, EDGE, EDGE)
    point[0, EDGE // 2, EDGE // 2, EDGE // 2] = 1
    np.testing.assert_allclose(to_spectrum(point).numpy(), 1, atol=1e-6)
    np.testing.assert_allclose(from_spectrum(to_spectrum(point)).numpy(), point.numpy(), atol=1e-6)


def test_one_frequency_of_each_pair_is_compared_and_none_that_is_missing():
    band = measured_band(EDGE, 3.0, 60.0)
    pairs = {tuple(row) for row in band.frequencies.int().tolist()}
    assert not any((-z, -y, -x) in pairs for z, y, x in pairs)
    assert all(abs(z) <= abs(x) * 1.7321 for z, _, x in pairs)
    assert band.shells.min() == 1
    assert band.shell_means(band.shells.float()).tolist() == [1, *range(1, band.n_shells)]


def test_rotations_are_even():
    found = even_rotations(30.0)
    nearest = torch.stack([rotation_angle(found @ one.T).min() for one in random_rotations(50, torch.Generator())])
    assert np.degrees(float(nearest.max())) < 30
    assert 300 < len(found) < 700
    around = rotations_around(5.0, 10.0)
    assert np.degrees(float(rotation_angle(around).max())) == pytest.approx(10, abs=0.1)
    assert np.degrees(float(rotation_angle(around).min())) == pytest.approx(0, abs=0.1)


def test_a_known_rotation_and_shift_are_found_though_a_wedge_is_missing():
    generator = torch.Generator().manual_seed(1)
    offsets = torch.tensor([[1.0, 0.0, -1.0]] * 6)
    turns = random_rotations(6, generator)
    truth = _spectra(_without_wedge(_drawn(ROD, torch.eye(3)[None], torch.zeros(1, 3)), 90.0), 90.0)
    boxes = _spectra(_without_wedge(_drawn(ROD, turns, offsets), 60.0))
    shells = boxes.band.n_shells
    model = NoiseModel(torch.full((shells,), 5.0), torch.full((shells,), 500.0))
    made = quietly(make_references_job(truth, TurnedBoxes.single(0), 1, model, NOW))
    found = quietly(search_job(boxes, made, 0, even_rotations(20.0), shift_grid(1.0), NOW))
    finer = quietly(refine_job(boxes, made, found.rotations, rotations_around(5.0, 15.0), shift_grid(1), NOW))
    assert np.degrees(float(rotation_angle(found.rotations @ turns.mT).max())) < 20
    assert np.degrees(float(rotation_angle(finer.rotations @ turns.mT).max())) < 10
    assert (finer.gains >= found.gains * (1 - 1e-5)).all()
    np.testing.assert_array_equal(finer.shifts.numpy(), offsets.numpy())


def test_what_no_box_has_measured_is_unknown():
    boxes = _spectra(_without_wedge(_drawn(ROD, torch.eye(3)[None], torch.zeros(1, 3)), 60.0))
    shells = boxes.band.n_shells
    model = NoiseModel(torch.full((shells,), 1.0), torch.full((shells,), 9.0))
    made = quietly(make_references_job(boxes, TurnedBoxes.single(0), 1, model, NOW))
    missing, measured = torch.tensor([[4.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 4.0]])
    (mean,), (unknown,) = (t[0] for t in made.turned(0, torch.eye(3)[None], missing))
    _, (known,) = (t[0] for t in made.turned(0, torch.eye(3)[None], measured))
    assert abs(mean) < 0.1 * abs(made.sums).max()
    assert float(unknown) == pytest.approx(9, rel=1e-3)
    assert float(known) == pytest.approx(1 / (1 + 1 / 9), rel=1e-3)


def test_references_merge_at_what_their_boxes_lose():
    gains = np.array([[9, 8, 0], [9, 8, 0], [8, 9, 0], [0, 0, 9], [0, 1, 9]], dtype=np.float32)
    tree = merge_references(gains, np.array([0, 0, 1, 2, 2]))
    assert tree.parents.tolist() == [3, 3, 4, 4, 4]
    assert tree.sizes.tolist() == [2, 1, 2, 3, 5]
    assert tree.altitudes.tolist() == [0, 0, 0, 1, 17]


def test_two_kinds_of_any_orientation_come_apart():
    turns = random_rotations(24, torch.Generator().manual_seed(0))
    kinds = np.arange(24) % 2
    offsets = torch.zeros(24, 3)
    whole = torch.where(
        torch.from_numpy(kinds == 0)[:, None, None, None], _drawn(ROD, turns, offsets), _drawn(BLOCK, turns, offsets)
    )
    events = []
    settings = AlignmentSettings(references=4, rounds=3, angular_step=30.0, mask_radius=6.0, resolution=3.5)
    found = drive(align_job(_without_wedge(whole, 60.0), 2, settings), events.append)
    assert len(set(zip(kinds, found.classes, strict=True))) == 2
    assert found.classes.min() == 1
    assert found.hierarchy.sizes[-1] == 24
    assert found.volumes.shape == (2, EDGE, EDGE, EDGE)
    same = found.classes == found.classes[0]
    between = turns.mT[torch.from_numpy(same)] @ torch.from_numpy(found.rotations[same])
    left, _, right = torch.linalg.svd(between.sum(0))
    assert np.degrees(float(rotation_angle(between @ (left @ right).T).median())) < 15
    steps = [event.step for event in events]
    assert steps == sorted(steps)
    assert events[-1].fraction == 1


def test_stopping_early_still_gives_classes():
    turns = random_rotations(12, torch.Generator().manual_seed(0))
    boxes = _without_wedge(_drawn(ROD, turns, torch.zeros(12, 3)), 60.0)
    job = align_job(boxes, 2, AlignmentSettings(references=3, rounds=50, angular_step=60.0))
    seen = [next(job)]
    found = drive(_stopping(job), seen.append)
    assert found.classes.shape == (12,)
    assert seen[-2].step < seen[-2].total / 2
    assert seen[-1].fraction == 1


def _stopping(job):
    """Answer everything that a job says with STOP."""
    while True:
        try:
            event = job.send(Command.STOP)
        except StopIteration as ended:
            return ended.value
        yield event
