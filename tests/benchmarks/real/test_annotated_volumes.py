import numpy as np
import pytest

from benchmarks.real.annotated_groups import groups_of
from benchmarks.real.annotated_volumes import CASES, folders_of, load

BY_NAME = {case.name: case for case in CASES}
BRATS, NUCLEI = BY_NAME["brats2013_open"], BY_NAME["lm_nuclei"]


def test_patients_are_cut_to_the_box_of_their_brain(patients):
    first, second = folders_of(BRATS, patients(2))
    known = load(BRATS, first)
    specimen = known.specimen
    assert (known.name, second.name) == ("pat0000", "pat0001")
    assert len(specimen.volume.channels) == 2
    assert specimen.volume.shape == known.labels.shape == (13, 16, 16)
    assert specimen.volume.origin == (2, 1, 2)
    assert specimen.volume.unit == "millimeter"
    assert specimen.inside(specimen.volume.box).all()
    flair = np.asarray(specimen.volume.channels[0])
    assert flair.min() > -2
    assert abs(flair[known.labels == 4].mean() - 4) < 0.1
    assert known.paths[4][-1] == "enhancing"


def test_without_a_hierarchy_everything_labelled_is_one_structure(nuclei):
    (folder,) = folders_of(NUCLEI, nuclei)
    known = load(NUCLEI, folder)
    (group,) = groups_of(known.paths, [0, 3, 7])
    assert (group.name, group.labels) == ("nuclei", (3, 7))
    assert known.specimen.volume.voxel_size == (0.29, 0.26, 0.26)
    assert known.specimen.volume.unit == "micrometer"
    assert known.specimen.mask is None


def test_only_the_middle_if_so_wished(nuclei):
    (folder,) = folders_of(NUCLEI, nuclei)
    whole, middle = load(NUCLEI, folder), load(NUCLEI, folder, (20, 10, 8))
    assert middle.specimen.volume.shape == middle.labels.shape == (12, 10, 8)
    assert np.array_equal(middle.labels, whole.labels[:, 7:17, 9:17])
    assert np.array_equal(middle.specimen.volume.channels[0], whole.specimen.volume.channels[0][:, 7:17, 9:17])


def test_what_is_absent_has_no_specimens(tmp_path):
    (tmp_path / "brats2013_open" / "pat0004").mkdir(parents=True)
    assert folders_of(BRATS, tmp_path) == folders_of(NUCLEI, tmp_path) == []


@pytest.mark.needs_data
@pytest.mark.parametrize(("name", "groups"), [("brats2013_open", 7), ("sstem_vnc", 6), ("ct_carp", 5)])
def test_the_real_ones_are_read_with_their_groups(shared_data, name, groups):
    folders = folders_of(BY_NAME[name], shared_data)
    if not folders:
        pytest.skip(f"{name} is not among the example volumes")
    known = load(BY_NAME[name], folders[0], (20, 256, 256))
    assert known.labels.shape == known.specimen.volume.shape
    assert len(groups_of(known.paths, list(known.paths))) == groups
    asked = {group.name for group in groups_of(known.paths, list(known.paths))}
    assert all(set(dice) <= asked for dice in BY_NAME[name].told.values())
