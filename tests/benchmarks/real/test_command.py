"""`python -m benchmarks real`, on tiny volumes in files as the real ones are."""

import json

import numpy as np
import pytest

from benchmarks.command import main
from benchmarks.example_data import DATA


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.delenv(DATA, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def unknown(nuclei):
    """Nuclei, and a tomogram beside them of which nobody knows what is in it."""
    import mrcfile

    (nuclei / "cryoet_hiv_vlp").mkdir()
    with mrcfile.new(nuclei / "cryoet_hiv_vlp" / "tomogram.mrc") as file:
        file.set_data(np.random.default_rng(1).normal(size=(16, 18, 20)).astype(np.float32))
        file.voxel_size = 40.0
    return nuclei


def measure(capsys, *words):
    assert main(["real", "--quick", "--device", "cpu", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_features_and_the_default_method_by_the_same_scores(capsys, tmp_path, unknown):
    record = measure(capsys, "--data", unknown, "--method", "gaussian", "--method", "hyperbolic")
    rows = [(one["volume"], one["method"]) for one in record["measurements"]]
    assert rows == [("lm_nuclei", "gaussian"), ("lm_nuclei", "hyperbolic"), ("cryoet_hiv_vlp", "hyperbolic")]
    nuclei = record["measurements"][0]["groups"]["nuclei"]
    assert nuclei["labels"] == [3, 7]
    assert nuclei["best_node_dice"] > 0.85
    assert nuclei["clicks_to_85"] == 1
    assert record["left_out"] == [
        "brats2013_open",
        "sstem_vnc",
        "mri_t1_freesurfer",
        "ct_carp",
        "lm_plant_nuclei",
        "ct_abdomen_totalseg",
        "ct_cranium",
        "brats2013_flair",
    ]
    assert record["means"][0]["groups"]["nuclei"]["best_node_dice"] == nuclei["best_node_dice"]
    pages = tmp_path / "benchmark_quick"
    text = (pages / "quality.md").read_text()
    assert "| gaussian | 16 |" in text
    assert "| hyperbolic, 2 steps on cpu | 16 |" in text
    assert "python -m benchmarks real --quick --data DIR --method gaussian --method hyperbolic --device cpu" in text
    assert "## Phantoms" in text
    assert str(tmp_path) not in text
    for one in record["measurements"][1:]:
        assert f"images/{one['picture']}" in text
        assert (pages / "images" / one["picture"]).stat().st_size < 150_000
    assert record["measurements"][0]["picture"] is None


def test_what_was_measured_before_and_written_by_hand_stays(capsys, tmp_path, nuclei):
    words = ("--data", nuclei, "--only", "lm_nuclei", "--out", tmp_path / "pages")
    measure(capsys, *words, "--method", "raw")
    page = tmp_path / "pages" / "quality.md"
    page.write_text(page.read_text().replace("### ct_carp", "Nuclei are easy.\n\n### ct_carp"))
    measure(capsys, *words, "--method", "tv")
    measure(capsys, *words, "--method", "tv", "--seed", 1)
    text = page.read_text()
    assert "Nuclei are easy." in text
    assert text.count("| raw | 16 |") == text.count("| tv | 16 |") == 1
    assert len(json.loads((tmp_path / "pages" / "real.json").read_text())) == 3


def test_the_folder_is_found_by_its_variable_and_people_get_a_table(capsys, monkeypatch, nuclei):
    monkeypatch.setenv(DATA, str(nuclei))
    assert main(["real", "--quick", "--method", "gaussian"]) == 0
    captured = capsys.readouterr()
    assert "brats2013_open is left out" in captured.err
    assert "gaussian: lm_nuclei" in captured.err
    assert "nuclei" in captured.out
    assert "Everything is in" in captured.out


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        ([], 3, DATA),
        (["--data", "nowhere"], 3, "nowhere"),
        (["--data", "volumes", "--method", "magic"], 2, "filter-bank"),
        (["--data", "volumes", "--only", "magic"], 2, "lm_nuclei"),
        (["--data", "volumes", "--only", "ct_carp"], 3, "ct_carp"),
        (["--data", "volumes", "--minutes", "0"], 2, "minutes"),
        (["--data", "volumes", "--leaves", "1"], 2, "leaves"),
    ],
)
def test_bad_input(capsys, tmp_path, nuclei, words, code, word):
    assert main(["real", *words]) == code
    assert word in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["volumes"]


def test_help_names_methods_volumes_and_an_example(capsys):
    assert main(["real", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("filter-bank", "hsu2021", "sstem_vnc", "--minutes"))
    assert "python -m benchmarks real --quick" in text.split("examples:")[1]


def test_a_benchmark_writes_no_page_among_the_volumes(nuclei, capsys):
    words = ["real", "--quick", "--data", str(nuclei), "--out", str(nuclei / "lm_nuclei")]
    assert main(words) == 4
    assert "would write over" in capsys.readouterr().err
    assert {path.name for path in (nuclei / "lm_nuclei").iterdir()} == {"nuclei.tif", "labels.tif"}
