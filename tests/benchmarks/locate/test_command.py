"""`python -m benchmarks locate`: measured with a finder that needs no learning, in small scans."""

import json
from functools import cache

import numpy as np
import pytest

from benchmarks.command import main
from benchmarks.ct_phantom.phantom import ct_phantom
from benchmarks.locate import ablation, command, phantoms, thresholds
from benchmarks.locate import measure as whole
from benchmarks.locate.ablation import AblationPlan, AblationRow, Variation
from benchmarks.locate.localizer_auc import LocalizerAuc
from benchmarks.locate.phantoms import BEST, OTSU, PhantomPlan
from benchmarks.locate.pretraining import DEFAULT, TreeScore

TINY = PhantomPlan(2, 2, 1, 1, ((48, 52, 56), (56, 48, 50)))
FEW = AblationPlan(1, 1, 48, steps=1, values=1)
VARIED = AblationRow("sorting", "margin", 3.0, False, LocalizerAuc(4.5, 8.0, 0.75, 0.875))
JOINED = TreeScore("nested spheres", 1, DEFAULT, None, {"whole": 0.5})


@pytest.fixture(scope="module")
def scans():
    """The generator of scans, which makes each only once."""
    return cache(ct_phantom)


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path, scans):
    """Few and small scans, and no example volumes but those a test makes."""
    monkeypatch.setattr(command, "QUICK", TINY)
    monkeypatch.setattr(command, "QUICK_ABLATION", FEW)
    monkeypatch.setattr(phantoms, "ct_phantom", scans)
    monkeypatch.setattr(thresholds, "CANDIDATES", 4)
    monkeypatch.setattr(thresholds, "SMOOTHINGS", (1.0,))
    monkeypatch.delenv(command.DATA, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def varying(monkeypatch):
    """The localizers' settings are varied without learning; gives the plans that were asked for."""
    plans = []

    def ablation_rows(plan, settings):
        plans.append(plan)
        yield None
        return [VARIED]

    monkeypatch.setattr(whole, "ablation_rows", ablation_rows)
    return plans


@pytest.fixture
def joining(monkeypatch):
    """No embeddings are joined to anything; gives the plans and devices that were asked for."""
    asked = []

    def pretraining_scores(plan, device):
        asked.append((plan, device))
        yield None
        return [JOINED]

    monkeypatch.setattr(whole, "pretraining_scores", pretraining_scores)
    return asked


@pytest.fixture
def measure(capsys, locating, varying, joining):
    """Carry out the quick benchmark; gives its object."""

    def call(*words):
        assert main(["locate", "--quick", *map(str, words), "--json"]) == 0
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
    assert "python -m benchmarks locate --quick" in page
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


def test_a_part_is_measured_alone_and_the_rest_of_the_page_stays(measure, tmp_path, locating, varying):
    measure("--method", "vote")
    page = tmp_path / "benchmark_quick" / "locate.md"
    before, located = page.read_text(), len(locating.calls)
    assert "| margin 3.0 | 4.50 | 8.00 | 0.750 | 0.875 |" in before
    record = measure("--method", "vote", "--only", "ablation")
    assert len(locating.calls) == located
    assert varying == [FEW, FEW]
    assert record["unseen"] == record["single"] == []
    assert record["ablation"][0]["auc"]["map_auc"] == 0.75
    kept, alone = page.read_text().split("<!-- ablation: measured")
    assert kept == before.split("<!-- ablation: measured")[0]
    assert alone.split("end -->")[1:] == before.split("<!-- ablation: measured")[1].split("end -->")[1:]
    assert "--quick --method vote --only ablation" in alone
    measure("--method", "vote", "--only", "single", "--only", "unseen")
    assert len(varying) == 2
    assert page.read_text().endswith(alone)


def test_scans_in_tubes_are_kept_until_the_page_is_written(measure, tmp_path):
    kept = tmp_path / "benchmark_quick" / command.KEPT
    kept.parent.mkdir()
    kept.write_text("of a measurement that was stopped\n")
    measure("--method", "vote", "--only", "single")
    assert kept.exists()
    assert len(measure("--method", "vote", "--only", "scenes")["scenes"]) == 1
    assert not kept.exists()


def test_what_joined_embeddings_give_is_measured_alone(measure, tmp_path, varying, joining):
    record = measure("--only", "pretraining", "--device", "cpu")
    assert joining == [(command.QUICK_PRETRAINING, "cpu")]
    assert not varying
    assert record["pretraining"][0]["dice"] == {"whole": 0.5}
    assert "| default method | 0.500 | – | – | 0.500 |" in (tmp_path / "benchmark_quick" / "locate.md").read_text()


def test_the_settings_are_varied_for_real(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(ablation, "VARIATIONS", (Variation("sorting", "margin", (3.0, 1.0)),))
    words = ["--quick", "--only", "ablation", "--method", "sorting", "--device", "cpu"]
    assert main(["locate", *words]) == 0
    captured = capsys.readouterr()
    assert "sorting: margin 3.0" in captured.err
    assert "Everything is in" in captured.out
    page = (tmp_path / "benchmark_quick" / "locate.md").read_text()
    assert "| margin 3.0 |" in page
    assert "| **margin 1.0, default** |" in page


def test_for_people_it_says_what_it_does_and_shows_tables(locating, varying, joining, capsys):
    assert main(["locate", "--quick", "--method", "vote"]) == 0
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
        (["locate", "--only", "magic"], 2, "ablation"),
        (["locate", "--only", "real"], 2, "--data"),
        (["locate", "--only", "large", "--quick"], 2, "--quick"),
        (["fly"], 2, "locate"),
    ],
)
def test_bad_input(locating, capsys, tmp_path, words, code, word):
    assert main(words) == code
    assert word in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_help_has_an_example(locating, capsys):
    assert main(["locate", "--help"]) == 0
    assert "python -m benchmarks locate --quick" in capsys.readouterr().out.split("examples:")[1]
