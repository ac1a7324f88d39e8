"""The memory that segmenting may take is named on the command line."""

from napari_hypseg import pipeline
from napari_hypseg.cli.main import main
from napari_hypseg.supervoxels.memory_budget import MemoryBudget


def test_too_little_memory_is_said_before_anything_is_made(tomogram, tmp_path, capsys):
    out = tmp_path / "p.hypseg"
    assert main(["run", str(tomogram), "--out", str(out), "--memory", "100MB"]) == 2
    assert "at least 710 MB" in capsys.readouterr().err
    assert not out.exists()


def test_memory_is_handed_to_segmenting(tomogram, tiny, tmp_path, capsys, monkeypatch):
    given, original = [], pipeline.run

    def run(project, fresh, memory, executor):
        given.append((memory, executor))
        return original(project, fresh=fresh, memory=memory, executor=executor)

    monkeypatch.setattr(pipeline, "run", run)
    assert main(["run", str(tomogram), "--out", str(tmp_path / "p.hypseg"), "--memory", "2GB", *tiny]) == 0
    assert given == [(MemoryBudget(2_000_000_000), None)]


def test_a_scheduler_that_does_not_answer_is_told_before_anything_is_made(tomogram, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("napari_hypseg.pipeline.dask_cluster.TIMEOUT", 0.3)
    out = tmp_path / "p.hypseg"
    assert main(["run", str(tomogram), "--out", str(out), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "No dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert not out.exists()
