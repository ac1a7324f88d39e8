"""Means over structures, specimens, volumes and seeds; what is not complete is in no mean."""

from dataclasses import replace

from benchmarks.ablation.page import OTHERS, RUN, VOLUMES, WITHOUT_ONE, ablation_sections
from benchmarks.ablation.records import AblationRecord, StructureScore
from benchmarks.ablation.variants import EVERYTHING, VARIANTS


def record(volume, specimen, seed, regions, less=0.0):
    def reached(name):
        lost = 0.0 if name == EVERYTHING.name else less
        return {
            f"part {n}": StructureScore(dice - lost, 0.9, dict.fromkeys("1358", dice)) for n, dice in enumerate(regions)
        }

    variants = {name: reached(name) for name in VARIANTS}
    made = AblationRecord(volume, specimen, "hyperbolic", "60 steps", "cpu", 512, seed, (8, 8, 8), variants)
    return replace(made, command=f"python -m benchmarks ablation --seed {seed}", machine="one machine")


RECORDS = [
    record("a", "1", 0, [0.6, 0.8], 0.1),
    record("a", "2", 0, [0.9], 0.1),
    record("b", "b", 0, [0.4], 0.1),
    record("a", "1", 1, [0.6, 0.8], 0.2),
    record("a", "2", 1, [0.9], 0.2),
    record("b", "b", 1, [0.6], 0.2),
]


def test_every_volume_counts_alike_and_differences_are_within_seeds():
    sections = ablation_sections(RECORDS)
    assert "| **all of it** | 0.650 ± 0.071 | " in sections[WITHOUT_ONE], "((0.7 + 0.9) / 2 + 0.4) / 2 is 0.6"
    assert "| no factors | 0.500 ± 0.000 | " in sections[WITHOUT_ONE]
    assert "| -0.150 ± 0.071 | +0.000 ± 0.000 |" in sections[WITHOUT_ONE]
    assert "| twice as many leaves | " in sections[OTHERS]
    assert "| **all of it** | 0.80 | 0.50 |" in sections[VOLUMES]
    assert sections[WITHOUT_ONE].startswith("Over 3 specimens of 2 volumes (a, b), seeds 0, 1.")
    assert "python -m benchmarks ablation --seed 1" in sections[RUN]


def test_what_is_not_complete_and_phantoms_are_in_no_mean():
    alone = record("c", "c", 0, [0.1])
    phantom = [record("phantom", "7", seed, [0.2]) for seed in (0, 1)]
    sections = ablation_sections([*RECORDS, alone, *phantom])
    assert sections[WITHOUT_ONE] == ablation_sections(RECORDS)[WITHOUT_ONE]
    assert "| **all of it** | 0.80 | 0.50 | 0.10 | 0.20 |" in sections[VOLUMES]


def test_tables_are_over_what_is_known_of_their_variants():
    some = {name: RECORDS[2].variants[name] for name in VARIANTS if name != "twice as many leaves"}
    sections = ablation_sections([replace(one, variants=some) if one.volume == "b" else one for one in RECORDS])
    assert sections[WITHOUT_ONE].startswith("Over 3 specimens of 2 volumes (a, b)")
    assert sections[OTHERS].startswith("Over 2 specimens of 1 volume (a), seeds 0, 1.")


def test_of_what_was_not_measured_nothing_is_said():
    assert set(ablation_sections([]).values()) == {None}
    unfinished = ablation_sections([replace(RECORDS[0], variants={})])
    assert unfinished[WITHOUT_ONE] is None
    assert "| **all of it** | – |" in unfinished[VOLUMES]
