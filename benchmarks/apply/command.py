"""`python -m benchmarks apply`: what is carried to volumes that were not there when structures were named."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.apply.batch_effects import benchmark_batches
from benchmarks.apply.batch_records import BATCH_STORE, BatchRecord, batch_table
from benchmarks.apply.cases import cases
from benchmarks.apply.measure import ApplyPlan, benchmark_apply
from benchmarks.apply.page import BATCH_RECORDS, BATCHES, PAGE, RECORDS, TEMPLATE, apply_sections
from benchmarks.apply.records import APPLY_STORE, ApplyRecord
from benchmarks.example_data import DATA, add_data, data_folder
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.flags import OUT, add_many, add_run_budget, device_of, run_budget, typed_budget
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.errors import InputError
from napari_hypseg.io.overwrite_protection import check_no_overwrite

MINUTES = 1.5
TRIALS = 12
NAMES = ("brats2013_open", "cryoet_microtubules", "cryoet_hiv_vlp")
DESCRIPTION = f"""\
Learn some volumes, name structures in them with simulated clicks, carry all of it to another volume of the same kind,
and compare with what the same clicks reach on that volume itself. Records are kept in {RECORDS} beside the page, and
what is there is not measured again."""
EPILOG = """\
examples:
  python -m benchmarks apply --steps 60
  python -m benchmarks apply --only brats2013_open --steps 60 --seed 1
  python -m benchmarks apply --batches --steps 60 --leaves 64 --seed 1"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.set_defaults(quick=False)
    add_data(parser)
    add_many(
        parser, "--only", "KIND", f"only this kind of volumes, of: {', '.join(NAMES)} [default: all]", choices=NAMES
    )
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="DIR", help=f"folder of the page {PAGE} [default {OUT}]"
    )
    parser.add_argument(
        "--batches",
        action="store_true",
        help="measure batch effects on phantoms instead: what latent points say of how a volume was imaged",
    )
    add_run_budget(parser, MINUTES)
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, and write the page.

    Raises
    ------
    HypsegError
        If there is no such folder, a setting cannot be used, or the page cannot be written.
    """
    if arguments.batches:
        return _batches(arguments, display)
    out, data = arguments.out, data_folder(arguments.data)
    if data is None:
        raise InputError(f"The volumes are not part of the project; name their folder with --data or {DATA}.")
    budget, seed = run_budget(arguments, MINUTES)
    check_no_overwrite([out / PAGE, out / RECORDS], [data])
    make_folder(out)
    machine = ", ".join(f"{name} {value}" for name, value in environment(device_of(budget)).items())
    chosen = [case for case in cases(data) if not arguments.only or case.name in arguments.only]
    plan = ApplyPlan(chosen, budget, seed, TRIALS, _command(arguments), machine)

    def keep(record: ApplyRecord) -> None:
        write_report(out / PAGE, TEMPLATE, apply_sections(APPLY_STORE.add(out / RECORDS, [record])))

    measured = drive_interruptible(benchmark_apply(plan, APPLY_STORE.load(out / RECORDS), keep), _shown(display))
    write_report(out / PAGE, TEMPLATE, apply_sections(APPLY_STORE.load(out / RECORDS)))
    record = {"page": out / PAGE, "machine": machine, "measurements": [asdict(one) for one in measured]}
    return Outcome(record, f"{len(measured)} volumes measured. {out / PAGE} holds the tables.")


def _batches(arguments: argparse.Namespace, display: Display) -> Outcome:
    out = arguments.out
    budget, seed = run_budget(arguments, MINUTES)
    make_folder(out)
    machine = ", ".join(f"{name} {value}" for name, value in environment(device_of(budget)).items())
    command = " ".join(["python -m benchmarks apply --batches", *typed_budget(arguments)])

    def keep(record: BatchRecord) -> None:
        records = BATCH_STORE.add(out / BATCH_RECORDS, [record])
        write_report(out / PAGE, TEMPLATE, {BATCHES: batch_table(records)})

    known = BATCH_STORE.load(out / BATCH_RECORDS)
    measured = drive_interruptible(benchmark_batches(budget, seed, known, keep, command, machine), _shown(display))
    record = {"page": out / PAGE, "machine": machine, "measurements": [asdict(one) for one in measured]}
    return Outcome(record, f"{len(measured)} variants measured. {out / PAGE} holds the table.")


def _shown(display: Display) -> Callable[[Any], None]:
    """What shows events, and says what is measured next."""

    def show(event: Any) -> None:
        if isinstance(event, StageMessage):
            display.say(event.title)
        display.show(event)

    return show


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    words = ["python -m benchmarks apply", *["--data DIR"] * bool(arguments.data)]
    return " ".join([*words, *(f"--only {name}" for name in arguments.only), *typed_budget(arguments)])
