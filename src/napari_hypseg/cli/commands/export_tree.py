"""`hypseg export --what tree`: the whole tree as text for other programs."""

import argparse

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.parsing.output_paths import require_free
from napari_hypseg.cli.parsing.segmented_project import open_segmented
from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.tree_text import TREE_FORMATS
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.storage.atomic import write_bytes


def export_tree(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Write the tree.

    Raises
    ------
    HypsegError
        If the project or the path is not as it should be.
    """
    suffix = arguments.out.suffix.lower()
    if suffix not in TREE_FORMATS:
        raise SettingError(f"A tree is written as {', '.join(TREE_FORMATS)}; let the name end in one of them.")
    project, tree = open_segmented(arguments.project, arguments.specimen, display, arguments.tree)
    check_no_overwrite([arguments.out], project.inputs)
    require_free([arguments.out], arguments.overwrite)
    write_bytes(arguments.out, TREE_FORMATS[suffix](tree).encode())
    record = {"path": arguments.out, "what": "tree", "tree": tree.name, "leaves": tree.n_leaves}
    return Outcome(record, f"{arguments.out} holds the tree of {tree.name} over {tree.n_leaves} leaves.")
