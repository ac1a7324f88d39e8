"""What `hypseg run` reports at its end: a record for programs, and sentences for a person."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from napari_hypseg.cli.display.formatting import counted, duration

if TYPE_CHECKING:
    from napari_hypseg.cli.display.run_log import RunLog
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.records import SpecimenRecord


def run_record(project: "Project", log: "RunLog", notes: Sequence[str]) -> dict[str, Any]:
    """What was made, from what and in what time."""
    first, last = log.losses or (None, None)
    made = project.segmentation
    return {
        "project": project.path,
        "specimens": [_told(record) for record in project.records],
        "method": project.settings.method if made is None else made.record.get("method", project.settings.method),
        "learned": made is not None and not made.from_filters,
        "device": project.training.get("device"),
        "steps": project.training.get("step"),
        "seconds": {stage: round(seconds, 3) for stage, seconds in log.seconds.items()},
        "first_loss": first,
        "last_loss": last,
        "leaves": project.hierarchy.n_leaves if project.hierarchy else None,
        "trees": list(project.hierarchies),
        "notices": [*notes, *log.notices],
    }


def _told(record: "SpecimenRecord") -> dict[str, Any]:
    place = {"shape": record.shape, "voxel_size": record.voxel_size, "unit": record.unit}
    return {"name": record.name, **place, "bin": record.binning}


def run_summary(record: Mapping[str, Any]) -> str:
    """The same in words, with what to do next."""
    time, path = duration(sum(record["seconds"].values())), shlex.quote(str(record["project"]))
    if not record["learned"]:
        made = f"{record['leaves']} leaves from filters, not learned yet, in {time}"
        learning = f"hypseg run --resume --out {path}"
        return f"{record['project']} has first regions: {made}.\nNext: hypseg gui {path}   or, to learn: {learning}"
    steps, earlier = record["steps"], record["earlier_steps"]
    now = f" ({steps - earlier} of them now)" if earlier else ""
    return (
        f"{record['project']} is ready: {record['leaves']} leaves, learned in {counted(steps, 'step')}{now} "
        f"on {record['device']}, {time} in all.\n"
        f"Next: hypseg export {record['project']} --cut 8 --out regions.mrc   or   hypseg gui {record['project']}"
    )
