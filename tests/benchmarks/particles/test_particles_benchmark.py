import json

from benchmarks.command import main


def test_quick_writes_both_tables(tmp_path, capsys):
    assert main(["particles", "--quick", "--out", str(tmp_path), "--json"]) == 0
    page = (tmp_path / "spatial_vae.md").read_text()
    for task, rows in (("conformation", 8), ("digits", 5), ("space", 4)):
        section = page[page.index(f"<!-- particles {task}: measured") : page.index(f"<!-- particles {task}: end")]
        assert section.count("\n| ") == rows
    assert "60 and 20 (conformation)" in page
    record = json.loads(capsys.readouterr().out)
    assert len(record["scores"]) == 7
    assert [box["rotations"] for box in record["boxes"]] == ["axis", "space"]
    assert all(0 <= score["rotation"] <= 1.1 for score in record["scores"])


def test_a_task_alone_leaves_the_other_table(tmp_path):
    assert main(["particles", "--quick", "--out", str(tmp_path), "--task", "digits"]) == 0
    first = (tmp_path / "spatial_vae.md").read_text()
    assert first.count("*Not measured yet.*") == 2
    assert main(["particles", "--quick", "--out", str(tmp_path), "--task", "space"]) == 0
    assert (tmp_path / "spatial_vae.md").read_text().count("*Not measured yet.*") == 1


def test_seeds_are_counted_from_one(capsys):
    assert main(["particles", "--seeds", "0"]) != 0
    assert "--seeds" in capsys.readouterr().err


def test_a_tomogram_alone_fills_its_own_page(tmp_path, capsys):
    assert main(["particles", "--quick", "--out", str(tmp_path), "--task", "tomogram", "--json"]) == 0
    assert not (tmp_path / "spatial_vae.md").exists()
    page = (tmp_path / "subtomogram_alignment.md").read_text()
    assert page.count("\n| white | 1 | 0 | ") == 2
    (score,) = json.loads(capsys.readouterr().out)["tomograms"]
    assert [one["kind"] for one in score["angles"]] == ["ribosome", "capped proteasome", "chaperonin"]
    assert 0 <= score["count"]["recall"] <= 1
