"""What is interrupted: one entry for each kind of writing, and what has to be true afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.reliability.scenes import ENDINGS, QUICK, command, keep_level

Check = Callable[[Path], str]
"""Looks at a folder after the fault; gives what is wrong, empty if nothing is."""
LEFT_BEHIND = (".part", ".partial", ".replaced", ".tmp")
"""Endings of what only exists while something is written."""


@dataclass(frozen=True)
class Writing:
    """One kind of writing.

    Parameters
    ----------
    name
        Row of the table.
    act
        Does it in the folder given; its result is an exit code.
    check
        Looks at what is there after the fault.
    again
        What a person does next: by default the same once more, after which nothing temporary may be left.
    """

    name: str
    act: Callable[[Path], int]
    check: Check
    again: Callable[[Path], int] | None = None


def project_is_whole(folder: Path, name: str = "p.hypseg", segmented: bool = True, levels: bool = True) -> str:
    """Whether the project opens undamaged, verifies, and has what it had before."""
    from napari_hypseg.project.project import Project

    project = Project.open(folder / name)
    if project.damage:
        return f"damaged: {project.damage}"
    if segmented and project.hierarchy is None:
        return "the segmentation is gone"
    if levels and "old" not in {level.name for level in project.levels}:
        return "the kept level is gone"
    if levels:
        np.asarray(project.label_image(project.level("old")).data[:])
    return ""


def new_project_is_whole(folder: Path) -> str:
    """A project that was being made is absent or opens; going on with it works."""
    path = folder / "new.hypseg"
    if not path.exists():
        return ""
    wrong = project_is_whole(folder, path.name, segmented=False, levels=False)
    if wrong:
        return wrong
    code = command("run", "--resume", "--out", path, "--steps", 1, "--device", "cpu")
    return "" if code == 0 else f"--resume ends with {code}"


def project_and(target: str) -> Check:
    """The project is whole, and a file is absent or opens."""

    def check(folder: Path) -> str:
        from napari_hypseg.io.opening import open_volume

        path = folder / target
        if path.exists():
            np.asarray(open_volume(path).channels[0][:])
        elif target.startswith("old"):
            return f"{target} is gone"
        return project_is_whole(folder)

    return check


def boxes_are_whole(folder: Path) -> str:
    """Box files and crops that are there can be read."""
    from napari_hypseg.io.box_file import read_box
    from napari_hypseg.io.opening import open_volume

    for path in sorted((folder / "boxes").glob("[!.]*")):
        read_box(path)
    for path in sorted((folder / "crops").glob("[!.]*")):
        np.asarray(open_volume(path).channels[0][:])
    return project_is_whole(folder)


def left_behind(folder: Path) -> list[str]:
    """Temporary files and folders that should be gone after the project was opened and the command repeated."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.name.endswith(LEFT_BEHIND) or path.name.startswith(".hypseg") or ".part" in path.name
    )


def _export(ending: str, name: str) -> Callable[[Path], int]:
    def act(folder: Path) -> int:
        return command("export", folder / "p.hypseg", "--cut", 4, "--out", folder / f"{name}{ending}", "--overwrite")

    return act


def _resume(folder: Path) -> int:
    """Go on with whatever project is there."""
    return command("run", "--resume", "--out", folder / "p.hypseg", "--steps", 1, "--device", "cpu")


def _keep_another(folder: Path) -> int:
    """Open the project for writing, which repairs and tidies up, and change it."""
    return keep_level(folder / "p.hypseg", "another")


def _picture(folder: Path) -> int:
    return command(
        *("export", folder / "p.hypseg", "--what", "components", "--components", 2),
        *("--out", folder / "components.ome.zarr", "--overwrite"),
    )


def _picture_and_level(folder: Path) -> int:
    """The same once more, and then the project is changed, which tidies up."""
    return _picture(folder) or _keep_another(folder)


def _locate(folder: Path) -> int:
    return command(
        *("locate", folder / "t.mrc", "--out", folder / "boxes", "--crop", folder / "crops"),
        *("--method", "sorting", "--steps", 2, "--device", "cpu", "--overwrite"),
    )


WRITINGS = (
    Writing(
        "run, a new project",
        lambda folder: command("run", folder / "t.mrc", "--out", folder / "new.hypseg", *QUICK),
        new_project_is_whole,
        lambda folder: command("run", folder / "t.mrc", "--out", folder / "new.hypseg", "--overwrite", *QUICK),
    ),
    Writing(
        "run --overwrite",
        lambda folder: command("run", folder / "t.mrc", "--out", folder / "p.hypseg", "--overwrite", *QUICK),
        lambda folder: project_is_whole(folder, levels=False),
        _resume,
    ),
    Writing(
        "run --resume",
        _resume,
        project_is_whole,
        _keep_another,
    ),
    *(Writing(f"export, new {ending}", _export(ending, "new"), project_and(f"new{ending}")) for ending in ENDINGS),
    *(
        Writing(f"export over an old {ending}", _export(ending, "old"), project_and(f"old{ending}"))
        for ending in ENDINGS
    ),
    Writing("export --what components", _picture, project_and("components.ome.zarr"), _picture_and_level),
    Writing("locate --crop", _locate, boxes_are_whole),
    Writing("keep a level", lambda folder: keep_level(folder / "p.hypseg", "new"), project_is_whole, _keep_another),
)
