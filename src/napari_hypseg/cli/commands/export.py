"""`hypseg export`: a level, structures, or what was learned, as a file that other programs open at the right place."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from napari_hypseg.cli.commands.export_learned import export_learned
from napari_hypseg.cli.commands.export_surface import OWNER, export_surface
from napari_hypseg.cli.commands.export_tree import export_tree
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.formatting import counted
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.objects import add_objects, chosen_labels
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.cli.parsing.segmented_project import add_specimen, open_segmented
from napari_hypseg.errors import OutputError, SettingError
from napari_hypseg.io.destination import label_destination
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.io.registry import volume_formats
from napari_hypseg.io.writing import write_labels_job
from napari_hypseg.pipeline.latent_views import LATENT_VIEWS, ViewRequest
from napari_hypseg.project.structure_image import leaf_image, shown_image
from napari_hypseg.structures.mesh_files import ENCODERS, is_mesh_file
from napari_hypseg.structures.surface_mesh import SurfaceSettings

LABELS, SHOWN, LEAVES, TREE = "labels", "shown", "leaves", "tree"
NAMED = 5
"""Names in the sentence at the end, at most."""
DESCRIPTION = """\
Write structures or one level of a segmentation as a mask file: every voxel holds a number, 0 outside, with the
voxel size and origin of the volume and the names where the format has room. Without further flags these are the
structures that were made in the window, or the regions of the slider if there are none. One --structure is a mask
of 0 and 1, several are numbered as they are named; --what shown is the whole picture: structures, then the regions
of the rest.

A name that ends in .stl, .ply, .obj or .glb gets their surfaces as a mesh at true scale.

With --what tree, write the tree (of parts, or --tree kinds) as Newick (.nwk) or JSON (.json); its leaves are the
numbers of --what leaves.

With --what, write what was learned instead, as grey values on the same grid: the denoised volume, latent
components (the differences the model sees, strongest first), or a reconstruction (each region in the grey
value typical of it). Several channels go into one file, or into NAME-1, NAME-2 … where the format holds one."""
EPILOG = """\
examples:
  hypseg export cell.hypseg --out structures.mrc             (or the regions of the slider, before there are any)
  hypseg export cell.hypseg --cut 8 --out regions.tif
  hypseg export cell.hypseg --tree kinds --cut 8 --out kinds.tif
  hypseg export cell.hypseg --level membranes --format ome-zarr --out membranes.ome.zarr
  hypseg export cell.hypseg --structure particle --out particle.mrc
  hypseg export cell.hypseg --structure shell --structure lumen --out particle.glb
  hypseg export cell.hypseg --what tree --out tree.nwk
  hypseg export cell.hypseg --what leaves --out leaves.mrc
  hypseg export cell.hypseg --what denoised --out denoised.mrc
  hypseg export cell.hypseg --what components --components 3 --out components.ome.zarr
  hypseg export cell.hypseg --what reconstruction --cut 8 --out typical.mrc"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="NAME.hypseg", help="the project folder")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="the file to write")
    parser.add_argument(
        "--what",
        choices=(LABELS, SHOWN, LEAVES, TREE, *LATENT_VIEWS),
        default=LABELS,
        help="labels of structures or regions, of both as shown, or of the leaves; the tree; or what was learned "
        "[default labels]",
    )
    add_objects(parser)
    parser.add_argument(
        "--components", type=int, metavar="N", help=f"how many latent components [default {ViewRequest.count}]"
    )
    names = [form.name for form in volume_formats()]
    parser.add_argument("--format", choices=names, help="file format [default: from the ending of PATH]")
    add_settings(parser.add_argument_group("surfaces"), OWNER, SurfaceSettings)
    add_specimen(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace PATH if it exists")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Write what was asked for.

    Raises
    ------
    HypsegError
        If the project, what was asked for or the path is not as it should be.
    """
    as_surface = arguments.what == LABELS and is_mesh_file(arguments.out)
    named = given(arguments, OWNER)
    if named and not as_surface:
        flag = next(iter(named)).replace("_", "-")
        raise SettingError(f"--{flag} is about surfaces; let the name end in {', '.join(ENCODERS)}, or leave it out.")
    if arguments.what in LATENT_VIEWS:
        return export_learned(arguments, display)
    if arguments.components is not None:
        raise SettingError("--components belongs to --what components; leave it out or say what.")
    if arguments.what != LABELS and (arguments.structure or arguments.level or arguments.region):
        raise SettingError(f"--what {arguments.what} is about all; leave out --structure, --level and --region.")
    if arguments.what == TREE:
        return export_tree(arguments, display)
    if as_surface:
        return export_surface(arguments, display)
    return export_labels(arguments, display)


def export_labels(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Write the mask.

    Raises
    ------
    HypsegError
        If the project, what was asked for or the path is not as it should be.
    """
    project, _ = open_segmented(arguments.project, arguments.specimen, display, arguments.tree)
    if arguments.what == SHOWN:
        image = shown_image(project, project.cut(arguments.cut), arguments.specimen)
    elif arguments.what == LEAVES:
        image = leaf_image(project, arguments.specimen)
    else:
        image = chosen_labels(arguments, project)
    path, _ = label_destination(arguments.out, arguments.format)
    check_no_overwrite([path], image.inputs)
    if path.exists() and not arguments.overwrite:
        raise OutputError(f"{path} exists already; choose another name or replace it with --overwrite.")
    drive_interruptible(write_labels_job(path, image, arguments.format), display.show)
    record = {
        "path": path,
        "what": arguments.what,
        "regions": image.maximum,
        "names": image.names,
        "specimen": arguments.specimen,
        "voxel_size": image.voxel_size,
        "unit": image.unit,
        "origin": image.origin,
    }
    return Outcome(record, f"{path} holds {counted(image.maximum, 'label')}: {_names(image)}.")


def _names(image: LabelImage) -> str:
    """The first few names, for a sentence."""
    names = list(image.names.values())
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
