"""`python -m benchmarks particles`: content and pose of particles by the spatial-VAE, beside a plain VAE."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.particles.page import (
    PAGE,
    SECTIONS,
    TEMPLATE,
    TOMOGRAM_PAGE,
    TOMOGRAM_SECTIONS,
    TOMOGRAM_TEMPLATE,
    conformation_table,
    count_table,
    digits_table,
    kinds_table,
    space_table,
)
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.errors import SettingError

if TYPE_CHECKING:
    from benchmarks.particles.measure import Scale
    from benchmarks.particles.tasks import Task
    from benchmarks.particles.tomogram import TomogramScore

OUT = Path("docs/methods")
ELSEWHERE = Path("benchmark_quick")
TOMOGRAM = "tomogram"
SNRS = (1.0, 0.5, 0.1)
"""Of the tomograms."""
DESCRIPTION = f"""\
Learn content and pose of generated particles with the spatial-VAE and with a plain VAE: an object of two domains that
moves, handwritten digits, and boxes that are turned in space; put what is found of others into the page {PAGE}. Find,
count, sort and align the proteins of simulated tomograms, for the page {TOMOGRAM_PAGE}."""
EPILOG = """\
examples:
  python -m benchmarks particles
  python -m benchmarks particles --seeds 1 --task conformation
  python -m benchmarks particles --task tomogram
  python -m benchmarks particles --quick"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="number of seeds [default 3]")
    parser.add_argument("--task", choices=("conformation", "digits", "space", "tomogram"), help="one task alone")
    parser.add_argument("--quick", action="store_true", help="a few steps, to see that everything works")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"folder of the page [default {OUT}; {ELSEWHERE} with --quick]"
    )
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Learn, score and write the page.

    Raises
    ------
    SettingError
        If there is no seed.
    OutputError
        If the page cannot be written.
    """
    from benchmarks.particles.measure import Scale

    if arguments.seeds < 1:
        raise SettingError(f"The setting --seeds cannot be {arguments.seeds}: give the number of seeds, from 1 on.")
    folder = arguments.out or (ELSEWHERE if arguments.quick else OUT)
    make_folder(folder)
    scale = Scale(60, 20, 0.01) if arguments.quick else Scale()
    seeds = range(1 if arguments.quick else arguments.seeds)
    outcomes = []
    if arguments.task != TOMOGRAM:
        outcomes.append(_learned(arguments.task, seeds, scale, folder, display))
    if arguments.task in (None, TOMOGRAM):
        outcomes.append(_tomograms(seeds, arguments.quick, folder, display))
    record = {name: value for outcome in outcomes for name, value in outcome.record.items()}
    return Outcome(record, "\n".join(str(outcome.summary) for outcome in outcomes))


def _learned(task_name: str | None, seeds: range, scale: Scale, folder: Path, display: Display) -> Outcome:
    """Learn what `task_name` says, all but the tomograms if it is None, and fill the page of the spatial-VAE."""
    from benchmarks.particles.measure import scores_job
    from benchmarks.particles.space import KINDS, SpaceScore, space_score_job
    from benchmarks.particles.tasks import TASKS

    scores = []
    for task in TASKS:
        if task_name in (None, task.name):
            scores += drive_interruptible(scores_job(task, seeds, scale), display.show)
    boxes: list[SpaceScore] = []
    if task_name in (None, "space"):
        jobs = [space_score_job(kind, seed, scale) for seed in seeds for kind in KINDS]
        boxes = [drive_interruptible(job, display.show) for job in jobs]
    machine = environment("cpu")
    found = {task: [score for score in scores if score.task == task] for task in ("conformation", "digits")}
    sections = {
        SECTIONS["conformation"]: conformation_table(found["conformation"]) if found["conformation"] else None,
        SECTIONS["digits"]: digits_table(found["digits"]) if found["digits"] else None,
        SECTIONS["space"]: space_table(boxes) if boxes else None,
        SECTIONS["run"]: run_text(image_words(TASKS, scale), len(seeds), machine),
    }
    write_report(folder / PAGE, TEMPLATE, sections)
    lines = [f"{s.task}, seed {s.seed}: {s.model}: content {s.content:.3f}, rotation {s.rotation:.3f}" for s in scores]
    lines += [f"boxes, {b.rotations}, seed {b.seed}: {b.error:.1f}°, Rand index {b.rand:.2f}" for b in boxes]
    record = {
        "page": folder / PAGE,
        "scores": [asdict(score) for score in scores],
        "boxes": [asdict(score) for score in boxes],
        **machine,
    }
    return Outcome(record, "\n".join((*lines, f"{folder / PAGE} holds the tables.")))


def _tomograms(seeds: range, quick: bool, folder: Path, display: Display) -> Outcome:
    """Simulate tomograms and fill the page of the alignment."""
    from benchmarks.particles.simulated_tomogram import (
        COLOURED,
        PARTICLES,
        QUICK_PARTICLES,
        QUICK_SHAPE,
        SHAPE,
        WHITE,
        simulated_tomogram,
    )
    from benchmarks.particles.tomogram import ALIGNMENT, STEPS, tomogram_score_job

    machine = environment("cpu")
    count, shape, steps, settings = PARTICLES, SHAPE, STEPS, ALIGNMENT
    plans = [(snr, WHITE, seed) for seed in seeds for snr in SNRS] + [(SNRS[-1], COLOURED, 0)]
    if quick:
        coarse = {"references": 3, "rounds": 1, "angular_step": 60.0}
        count, shape, steps, settings = QUICK_PARTICLES, QUICK_SHAPE, 2, ALIGNMENT.model_copy(update=coarse)
        plans = plans[:1]
    said = (
        f"`python -m benchmarks particles --task tomogram`: {count} particles in {' × '.join(map(str, shape))} voxels; "
        f"{machine['cores']} cores ({machine['system']}), without a graphics card, torch {machine['torch']}; seconds "
        "are those of the processor for sorting and aligning, of all cores together."
    )
    scores: list[TomogramScore] = []
    for snr, noise, seed in plans:
        made = simulated_tomogram(snr, seed, noise, count, shape)
        job = tomogram_score_job(made, snr, noise, seed, steps, settings)
        scores.append(drive_interruptible(job, display.show))
        sections = {"count": count_table(scores, count), "kinds": kinds_table(scores), "run": said}
        named = {TOMOGRAM_SECTIONS[name]: section for name, section in sections.items()}
        write_report(folder / TOMOGRAM_PAGE, TOMOGRAM_TEMPLATE, named)  # after each, as all take long
    lines = [f"tomogram, {s.noise}, {s.snr:g}, seed {s.seed}: {s.count.found} found, Rand {s.rand:.3f}" for s in scores]
    record = {"tomogram_page": folder / TOMOGRAM_PAGE, "tomograms": [asdict(score) for score in scores]}
    return Outcome(record, "\n".join((*lines, f"{folder / TOMOGRAM_PAGE} holds the tables.")))


def image_words(tasks: Sequence[Task], scale: Scale) -> str:
    """How many images each task learns from and holds out."""
    counts = [(min(task.learned, scale.learned), min(task.held_out, scale.held_out), task.name) for task in tasks]
    return ", ".join(f"{learned} and {held_out} ({name})" for learned, held_out, name in counts)


def run_text(images: str, seeds: int, machine: dict[str, str]) -> str:
    """What the numbers were taken from and on."""
    return (
        f"`python -m benchmarks particles`: images to learn from and held out, on which all is scored: {images}; "
        f"{seeds} seeds, mean and range. {machine['cores']} cores ({machine['system']}), without a "
        f"graphics card, torch {machine['torch']}; seconds are those of the processor, of all cores together."
    )
