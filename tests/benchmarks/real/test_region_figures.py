import numpy as np
import pytest
from PIL import Image

from benchmarks.real.annotated_volumes import KnownSpecimen
from benchmarks.real.records import GroupRecord
from benchmarks.real.region_figures import draw_cuts, draw_groups
from benchmarks.reporting.slices import FOUND, TRUE
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume

SHAPE = (8, 300, 320)


@pytest.fixture
def found():
    """A square in one corner of one slice, and leaves of which one is a square beside it."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[5, 240:280, 250:300] = 3
    ids = np.ones(SHAPE, np.uint16)
    ids[5, 240:280, 230:280] = 2
    ids[:, :10] = 3
    tree = build_hierarchy(np.array([[0.0], [3.0], [1.0]], np.float32), np.bincount(ids.ravel())[1:], EUCLIDEAN)
    grey = (labels + np.random.default_rng(0).normal(size=SHAPE)).astype(np.float32)
    known = KnownSpecimen("fly", Specimen(Volume((grey,))), labels, {3: ("cell",)})
    return known, ids, tree


def colours(path):
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return lambda colour: np.argwhere(np.abs(pixels - colour).sum(-1) < 60)


def test_truth_and_region_are_outlined_where_they_are(tmp_path, found):
    known, ids, tree = found
    draw_groups(
        tmp_path / "a" / "fly.png", known, ids, {"parts": tree}, {"cell": GroupRecord(1, [3], 0.6, 1, 0.6, None)}
    )
    at = colours(tmp_path / "a" / "fly.png")
    true, region = at(TRUE), at(FOUND)
    assert 2 * (40 + 50) * 0.5 < len(true) <= 2 * (40 + 50)
    assert 2 * (40 + 50) * 0.9 < len(region) <= 2 * (40 + 50)
    assert true[:, 1].max() - region[:, 1].max() == 20
    assert (tmp_path / "a" / "fly.png").stat().st_size < 150_000


def test_few_structures_are_shown_those_that_were_asked_for_first(tmp_path, found, monkeypatch):
    known, ids, tree = found
    sheets = []
    monkeypatch.setattr(
        "benchmarks.real.region_figures.draw_figure", lambda path, panels, colours: sheets.append(panels)
    )
    groups = {f"{level}": GroupRecord(level, [3], 0.25, 1, 0.6, None) for level in range(1, 8)}
    draw_groups(tmp_path / "x.png", known, ids, {"parts": tree}, groups, first=["6"])
    assert [caption for caption, _ in sheets[0]] == ["6  0.25", "1  0.25", "2  0.25", "3  0.25"]


def test_cuts_are_coloured_and_outside_stays_as_it_is(tmp_path, found):
    known, ids, _ = found
    ids = ids.copy()
    ids[:, :, :100] = 0
    volume = Volume((known.specimen.volume.channels[0][:, :120, :120],))
    points = np.arange(9, dtype=np.float32)[:, None]
    bigger = build_hierarchy(points, np.full(9, 5), EUCLIDEAN)
    draw_cuts(tmp_path / "cuts.png", volume, ids[:, :120, :120], bigger)
    pixels = np.asarray(Image.open(tmp_path / "cuts.png").convert("RGB")).astype(int)
    assert pixels.shape[1] == 3 * 360 + 4 * 8  # plain, 4 and 8 regions; of 16 there are none
    spread = np.ptp(pixels, axis=-1)
    panel = slice(8 + 360 + 8, 8 + 360 + 8 + 360)
    inside = spread[60:360, panel]
    assert np.median(inside[:, :290]) < 8
    assert np.median(inside[:, 310:]) > 8
    assert spread[60:360, 8:368].max() < 8
