"""`python -m benchmarks ablation`: what each part of the default adds, and settings that could have been others."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.ablation.measure import AblationPlan, benchmark_ablation
from benchmarks.ablation.page import PAGE, TEMPLATE, ablation_sections
from benchmarks.ablation.records import ABLATION_STORE, AblationRecord
from benchmarks.clicks.subjects import PHANTOM, names, subjects
from benchmarks.example_data import DATA, add_data, data_folder
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.flags import ELSEWHERE, OUT, add_many, add_run_budget, device_of, run_budget, typed_budget
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import run_settings
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.errors import InputError
from napari_hypseg.hierarchy.simulated_clicks import TRIALS
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.project.run_settings import RunSettings

RECORDS = "ablation.json"
STEPS, MINUTES = 60, 10.0
"""Of learning, unless something else is asked for."""
SEEDS = (0, 1, 2)
PHANTOMS = 5
QUICK_MOST, QUICK_PHANTOMS, QUICK_TRIALS, QUICK_SEEDS = (24, 48, 48), 1, 2, (0,)

DESCRIPTION = f"""\
Learn from each volume of which it is known what is where, make its supervoxels once, and group them in many ways: as
people get it, with one part of the default left out, and with other settings. Of each way, the Dice of the best single
region, after a few simulated clicks and of the best union of leaves, mean over structures, specimens and volumes, with
the standard deviation over seeds. Records are kept in {RECORDS} beside the page, one a line, as soon as a volume is
done, and what is there is not measured again. All volumes with three seeds take about three hours on two cores."""
EPILOG = """\
examples:
  python -m benchmarks ablation --quick
  python -m benchmarks ablation --data volumes --only lm_nuclei --seed 0
  python -m benchmarks ablation --data volumes --out results"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("--quick", action="store_true", help="a little of each volume, to see that it works")
    add_data(parser)
    named = ", ".join(names())
    add_many(parser, "--only", "VOLUME", f"only this volume, of: {named} [default: all]", choices=names())
    told = ", ".join(map(str, SEEDS))
    add_many(parser, "--seed", "N", f"of learning and grouping [default: {told}]", type=int)
    parser.add_argument("--again", action="store_true", help="measure again what was measured before")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"folder of the page {PAGE} [default {OUT}, with --quick {ELSEWHERE}]"
    )
    add_run_budget(parser, MINUTES, leave_out=("seed",))
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, and write the page.

    Raises
    ------
    HypsegError
        If there is no such folder, a setting cannot be used, or the page cannot be written.
    """
    out: Path = arguments.out or (ELSEWHERE if arguments.quick else OUT)
    plan, data = _plan(arguments)
    check_no_overwrite([out / PAGE, out / RECORDS], [data] if data else [])
    make_folder(out)
    known = ABLATION_STORE.load(out / RECORDS)

    def show(event: Any) -> None:
        if isinstance(event, StageMessage):
            display.say(event.title)
        display.show(event)

    def keep(record: AblationRecord) -> None:
        write_report(out / PAGE, TEMPLATE, ablation_sections(ABLATION_STORE.add(out / RECORDS, [record])))

    measured = drive_interruptible(benchmark_ablation(plan, () if arguments.again else known, keep), show)
    write_report(out / PAGE, TEMPLATE, ablation_sections(ABLATION_STORE.load(out / RECORDS)))
    record = {"page": out / PAGE, "machine": plan.machine, "measurements": [asdict(one) for one in measured]}
    runs = len(plan.subjects) * len(plan.seeds)
    told = f"{len(measured)} of {runs} runs measured, the others before."
    return Outcome(record, f"{told} {out / PAGE} holds the tables.")


def _plan(arguments: argparse.Namespace) -> tuple[AblationPlan, Path | None]:
    quick: bool = arguments.quick
    budget, seeds = _budget(arguments), tuple(arguments.seed) or (QUICK_SEEDS if quick else SEEDS)
    method = str(RunSettings.model_fields["method"].default)
    for seed in seeds:
        run_settings(method, budget, seed)
    data = data_folder(arguments.data)
    if data is None and any(name != PHANTOM for name in arguments.only):
        raise InputError(f"The real volumes are not part of the project; name their folder with --data or {DATA}.")
    phantoms = QUICK_PHANTOMS if quick else PHANTOMS
    found = list(subjects(data, arguments.only, phantoms, QUICK_MOST if quick else None))
    if not found:
        raise InputError(f"None of {', '.join(arguments.only)} is in {data}; check --data or {DATA}.")
    device = device_of(budget)
    machine = ", ".join(f"{name} {value}" for name, value in environment(device).items())
    trials = QUICK_TRIALS if quick else TRIALS
    return AblationPlan(found, method, budget, seeds, trials, _command(arguments), machine, device), data


def _budget(arguments: argparse.Namespace) -> RunBudget:
    """What was asked for; steps if no time is, so that a run can be repeated to the digit."""
    budget, _ = run_budget(arguments, MINUTES)
    asked = {word.split()[0] for word in typed_budget(arguments)}
    return budget if budget.steps is not None or "--minutes" in asked else replace(budget, steps=STEPS)


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    words = ["python -m benchmarks ablation", *["--quick"] * arguments.quick, *["--data DIR"] * bool(arguments.data)]
    words += [f"--only {name}" for name in arguments.only] + [f"--seed {seed}" for seed in arguments.seed]
    return " ".join([*words, *typed_budget(arguments)])
