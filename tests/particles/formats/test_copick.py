"""Files that copick 1.31 has written, and ours in the hands of copick where an environment of its own is named."""

import json
import os
import subprocess

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.particle_files import read_particles, write_particles

WRITTEN_BY_COPICK = """{"pickable_object_name": "spike", "user_id": "jane", "session_id": "7", "run_name": "TS_01",
"voxel_spacing": null, "unit": "angstrom", "points": [
{"location": {"x": 1000.0, "y": 2000.0, "z": 3000.0}, "transformation_":
 [[0.0, -1.0, 0.0, 40.0], [1.0, 0.0, 0.0, 80.0], [0.0, 0.0, 1.0, -120.0], [0.0, 0.0, 0.0, 1.0]],
 "instance_id": 3, "score": 0.5},
{"location": {"x": 12.0, "y": 20.0, "z": 40.0}, "transformation_":
 [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]],
 "instance_id": 0, "score": 1.0}], "trust_orientation": true}"""
READ_WITH_COPICK = """
import json, sys, copick
run = copick.from_file(sys.argv[1]).get_run("TS_01")
(picks,) = run.get_picks("spike", user_id="hypseg", session_id="1")
points = [[p.location.x, p.location.y, p.location.z, *p.transformation.ravel().tolist()] for p in picks.points]
print("POINTS" + json.dumps(points))
"""


def test_what_copick_wrote_is_read_with_its_translations(tmp_path, grid):
    path = tmp_path / "jane_7_spike.json"
    path.write_text(WRITTEN_BY_COPICK)
    read = read_particles(path, grid).particles
    np.testing.assert_allclose(read.positions, [[72, 52, 26], [1, 0.5, 0.3]])
    quarter = Rotation.from_euler("z", 90, degrees=True)
    assert (Rotation.from_quat(read.orientations[0]) * quarter.inv()).magnitude() < 1e-7
    assert read.scalars["score"].tolist() == [0.5, 1]
    assert read.scalars["parent"].tolist() == [3, 0]


def test_ours_has_the_same_keys(tmp_path, particles):
    write_particles(tmp_path / "a.json", particles, FileSettings(user_id="jane"))
    ours, theirs = json.loads((tmp_path / "a.json").read_text()), json.loads(WRITTEN_BY_COPICK)
    assert ours.keys() == theirs.keys()
    assert ours["points"][0].keys() == theirs["points"][0].keys()
    assert (ours["user_id"], ours["session_id"], ours["run_name"]) == ("jane", "1", "TS_01")


@pytest.mark.skipif("HYPSEG_COPICK" not in os.environ, reason="name a Python that has copick with HYPSEG_COPICK")
def test_copick_reads_ours(tmp_path, particles):
    picks = tmp_path / "ExperimentRuns" / "TS_01" / "Picks"
    write_particles(picks / "hypseg_1_spike.json", particles)
    objects = [{"name": "spike", "is_particle": True, "label": 1, "color": [255, 0, 0, 255]}]
    config = {"config_type": "filesystem", "name": "p", "version": "1.31.0", "pickable_objects": objects}
    overlay = {"overlay_root": f"local://{tmp_path}", "overlay_fs_args": {"auto_mkdir": True}}
    (tmp_path / "config.json").write_text(json.dumps(config | overlay))
    command = [os.environ["HYPSEG_COPICK"], "-c", READ_WITH_COPICK, str(tmp_path / "config.json")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    points = np.array(json.loads(said.partition("POINTS")[2]))
    np.testing.assert_allclose(points[:, 2::-1] / 40, particles.positions, atol=1e-4)
    turned = Rotation.from_matrix(points[:, 3:].reshape(-1, 4, 4)[:, :3, :3])
    assert np.degrees((turned * Rotation.from_quat(particles.orientations).inv()).magnitude()).max() < 1e-4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"pickable_object_name": "spike"}', "has no points"),
        ("[1, 2]", "has no points"),
        ('{"points": [{"location": {"x": 1, "y": 2}}]}', "a point without x, y and z"),
        ('{"points": [], "unit": "nanometer"}', "places in nanometer"),
        ('{"points": []}', "holds no particle"),
        ("{", "cannot be read as copick picks"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, grid, content, said):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(InputError, match=said):
        read_particles(tmp_path / "a.json", grid)
