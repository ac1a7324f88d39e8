"""What `hypseg locate` says at the end: one record for programs, a few lines for a person."""

import shlex
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

from napari_hypseg.cli.commands.locate_crops import Crop, LocateResult
from napari_hypseg.cli.display.run_log import RunLog
from napari_hypseg.cli.parsing.batch import Failure
from napari_hypseg.io.box_file import box_record
from napari_hypseg.io.size_report import SizeReport
from napari_hypseg.storage.file_names import fitted


def locate_record(found: Sequence[LocateResult], failures: Sequence[Failure], log: RunLog) -> dict[str, Any]:
    """Plain values: what was found for each specimen, what could not be done, what took how long."""
    return {
        "specimens": [_specimen_record(one) for one in found],
        "failures": [{"specimen": one.specimen, "error": one.sentence} for one in failures],
        "saved": _savings_record(total) if (total := _total(found)) else None,
        "seconds": {stage: round(seconds, 3) for stage, seconds in log.seconds.items()},
        "notices": log.notices,
    }


def locate_summary(found: Sequence[LocateResult], failures: Sequence[Failure]) -> str:
    """A line for each specimen, then what was saved, what failed, and what comes next."""
    lines = [line for one in found for line in _lines(one)]
    if len(found) > 1 and (total := _total(found)):
        lines.append(f"In all: {total}")
    lines += [f"Failed: {failure.sentence}" for failure in failures]
    return "\n".join([*lines, f"Next: {_next(found[0])}"])


def _specimen_record(one: LocateResult) -> dict[str, Any]:
    scan = one.task.scan
    record = {**box_record(one.proposal, scan.volume), "specimen": scan.text, "box_file": one.task.box_file}
    return {**record, "crop": _crop_record(one.crop) if one.crop else None}


def _crop_record(crop: Crop) -> dict[str, Any]:
    return {"paths": crop.paths, **_savings_record(crop.savings), "seconds": round(crop.seconds, 3)}


def _savings_record(savings: SizeReport) -> dict[str, Any]:
    return {"bytes_before": savings.before, "bytes_after": savings.after, "factor": round(savings.factor, 3)}


def _total(found: Sequence[LocateResult]) -> SizeReport | None:
    """What all crops save together, None if there is none."""
    parts = [one.crop.savings for one in found if one.crop]
    return reduce(add, parts) if parts else None


def _lines(one: LocateResult) -> list[str]:
    record: Mapping[str, Any] = box_record(one.proposal, one.task.scan.volume)
    share = f"{record['share']:.1%} of the volume, {record['certainty']:.0%} sure"
    lines = [f"{one.task.scan.text}: {one.proposal.box}, {share}; {one.task.box_file}"]
    lines += [f"  {note}" for note in record["notes"]]
    if one.crop:
        lines.append(f"  {', '.join(map(str, one.crop.paths))}: {one.crop.savings}")
    return lines


def _next(one: LocateResult) -> str:
    words = [one.task.scan.text, "--box", str(one.task.box_file), "--out", fitted(one.task.scan.name, ".hypseg")]
    return f"hypseg run {shlex.join(words)}"
