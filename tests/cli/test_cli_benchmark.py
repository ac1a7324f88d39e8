"""`hypseg benchmark locate`: measured with a finder that needs no learning, in small scans."""

import json
from functools import cache

import numpy as np
import pytest

from napari_hypseg.benchmark import phantoms, thresholds
from napari_hypseg.benchmark.phantoms import BEST, OTSU, PhantomPlan
from napari_hypseg.cli import benchmark_locate
from napari_hypseg.cli.main import main
from napari_hypseg.volumes.ct_phantom import ct_phantom

TINY = PhantomPlan(2, 2, 1, 1, ((48, 52, 56), (56, 48, 50)))


@pytest.fixture(scope="module")
def scans():
    """The generator of scans, which makes each only once."""
    return cache(ct_phantom)


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path, scans):
    """Few and small scans, and no example volumes but those a test makes."""
    monkeypatch.setattr(benchmark_locate, "QUICK", TINY)
    monkeypatch.setattr(phantoms, "ct_phantom", scans)
    monkeypatch.setattr(thresholds, "CANDIDATES", 4)
    monkeypatch.setattr(thresholds, "SMOOTHINGS", (1.0,))
    monkeypatch.delenv(benchmark_locate.DATA, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def measure(capsys, locating):
    """Carry out the quick benchmark; gives its object."""

    def call(*words):
        assert main(["benchmark", "locate", "--quick", *map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return call


def test_every_localizer_and_both_baselines_are_scored(measure, tmp_path, locating):
    record = measure()
    assert [row["name"] for row in record["unseen"]] == ["vote", "sorting", OTSU, *BEST]
    assert [row["name"] for row in record["single"]] == ["vote", "sorting"]
    for row in (*record["unseen"], *record["single"]):
        assert 0 <= row["score"]["worst_iou"] <= row["score"]["iou"] <= 1
        assert 0 <= row["score"]["lost"] <= 1
    assert record["unseen"][0]["metrics"]["loss"] == pytest.approx(1 / 3)
    assert record["real"] == record["resources"] == []
    trained = locating.calls[0][0]
    assert len(trained) == TINY.train
    assert {len(names) for names, _ in locating.calls[2:]} == {1}
    page = (tmp_path / "benchmark_quick" / "locate.md").read_text()
    assert "hypseg benchmark locate --quick" in page
    assert all(name in page for name in BEST)
    assert (tmp_path / "benchmark_quick" / "images" / record["unseen"][0]["pictures"][0]).exists()
    assert str(tmp_path) not in page


def test_settings_and_methods_are_flags(measure, locating):
    record = measure("--method", "sorting", "--outline-steps", 5, "--margin", 2)
    assert [row["name"] for row in record["single"]] == ["sorting"]
    assert all((one.method, one.outline_steps, one.margin) == ("sorting", 5, 2) for _, one in locating.calls)


def test_real_scans_where_they_are_at_hand(measure, tmp_path):
    import tifffile

    folder = tmp_path / "volumes" / "microct_shell"
    folder.mkdir(parents=True)
    data = np.zeros((20, 22, 24), np.float32)
    data[5:15, 6:16, 7:17] = 1
    tifffile.imwrite(folder / "volume.tif", data, photometric="minisblack")
    record = measure("--data", tmp_path / "volumes", "--method", "vote", "--out", tmp_path / "pages")
    otsu, vote = record["real"]
    assert vote["box"] == {"start": [5, 6, 7], "stop": [15, 16, 17]}
    assert vote["factor"] == pytest.approx(20 * 22 * 24 / 1000)
    assert (vote["iou"], vote["lost"], vote["certainty"]) == (None, None, 0.9)
    assert otsu["method"].startswith("Otsu")
    assert (tmp_path / "pages" / "images" / vote["picture"]).exists()
    assert f"images/{vote['picture']}" in (tmp_path / "pages" / "locate.md").read_text()


def test_what_was_not_measured_and_what_was_written_by_hand_stays(measure, tmp_path):
    measure("--method", "vote")
    page = tmp_path / "benchmark_quick" / "locate.md"
    by_hand = page.read_text().replace("## Real scans", "## Real scans\n\nThe carp is easy.")
    page.write_text(by_hand.replace("*Not measured yet.*", "| the table of last week |"))
    measure("--method", "vote")
    text = page.read_text()
    assert "The carp is easy." in text
    assert text.count("| the table of last week |") == 2


def test_for_people_it_says_what_it_does_and_shows_tables(locating, capsys):
    assert main(["benchmark", "locate", "--quick", "--method", "vote"]) == 0
    captured = capsys.readouterr()
    assert "learning from 2 scans" in captured.err
    assert "HYPSEG_DATA" in captured.err
    assert "worst IoU" in captured.out


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        (["locate", "--method", "magic"], 2, "vote, sorting"),
        (["locate", "--data", "nowhere"], 3, "nowhere"),
        (["locate", "--margin", "300"], 2, "margin"),
        (["fly"], 2, "locate"),
        ([], 2, "NAME"),
    ],
)
def test_bad_input(locating, capsys, tmp_path, words, code, word):
    assert main(["benchmark", *words]) == code
    assert word in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_help_has_an_example(locating, capsys):
    assert main(["benchmark", "locate", "--help"]) == 0
    assert "hypseg benchmark locate --quick" in capsys.readouterr().out.split("examples:")[1]
