"""Learning: the model of a project, trained on its specimens and kept as a checkpoint."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.registry import get_method
from napari_hypseg.pipeline.loss_history import LossHistory
from napari_hypseg.pipeline.prepare import build_model, measure, recipe_of
from napari_hypseg.pipeline.preview import Previewer, SliceView, no_view
from napari_hypseg.project.project import Project
from napari_hypseg.volumes.intensity import Intensity

if TYPE_CHECKING:
    from napari_hypseg.nn.model import DenseModel
    from napari_hypseg.training.checkpoint import ModelRecipe
    from napari_hypseg.training.loop import TrainingState


class Earlier(NamedTuple):
    """How long a model had learned before it is taken up again."""

    step: int = 0
    seconds: float = 0.0


def learn(project: Project, view: Callable[[], SliceView | None] = no_view, fresh: bool = True) -> Job[None]:
    """Train a model within the project's budget and keep it as the project's checkpoint.

    Training starts from nothing, or, unless `fresh`, from the checkpoint there is.

    Yields `Progress` of stage ``"learn"``, `Notice`, and, while `view` names a slice, a `Preview` of it now and then.
    `Command.STOP` ends learning early and keeps what was learned; closing the job keeps the last checkpoint.

    Raises
    ------
    HypsegError
        If the specimens, the settings or the memory do not allow it.
    """
    with project.access.job("learning"):
        yield from _learn(project, view, fresh)


def _learn(project: Project, view: Callable[[], SliceView | None], fresh: bool) -> Job[None]:
    yield Progress("prepare", 0, 1)
    import torch

    from napari_hypseg.training.device import resolve_device
    from napari_hypseg.training.loop import train

    settings = project.settings.training
    device = resolve_device(settings.device)
    recipe = recipe_of(project)
    intensities = yield from measure(project)
    torch.manual_seed(settings.seed)
    model = build_model(recipe)
    earlier = Earlier()
    if not fresh and project.has_checkpoint:
        earlier = _take_up(project, recipe, model)
    sampler = yield from get_method(recipe.method).examples(model, project.specimens, intensities, settings)
    history = LossHistory(device.type)
    previewer = Previewer(project.specimens, intensities, model, view)

    def keep(state: "TrainingState") -> None:
        _keep(project, recipe, intensities, state, history, earlier)

    training = train(model, sampler, settings, device, keep)
    try:
        event = next(training)
        while True:
            history.take(event)
            command = yield event
            command = (yield from previewer.due()) or command
            event = training.send(command)
    except StopIteration:
        return
    finally:
        training.close()


def _take_up(project: Project, recipe: "ModelRecipe", model: "DenseModel") -> Earlier:
    """Put the checkpoint's weights into `model`; gives what learning they took."""
    from napari_hypseg.training.checkpoint import load_checkpoint, load_weights

    checkpoint = load_checkpoint(project.store.checkpoint_file)
    if not checkpoint.recipe.is_compatible_with(recipe):
        raise SettingError(
            f"The checkpoint of {project.path.name} was learned with other model settings; learn afresh to change them."
        )
    load_weights(model, checkpoint)
    return Earlier(checkpoint.step, checkpoint.seconds)


def _keep(
    project: Project,
    recipe: "ModelRecipe",
    intensities: Sequence[Intensity],
    state: "TrainingState",
    history: LossHistory,
    earlier: Earlier,
) -> None:
    from napari_hypseg.training.checkpoint import Checkpoint, GreyStatistics, save_checkpoint

    step, seconds = earlier.step + state.step, earlier.seconds + state.seconds
    fingerprints = tuple(specimen.fingerprint for specimen in project.specimens)
    statistics = tuple(GreyStatistics(tuple(i.mean.tolist()), tuple(i.std.tolist())) for i in intensities)
    identity = project.store.identity
    checkpoint = Checkpoint(recipe, state.weights, step, seconds, state.loss, fingerprints, identity, statistics)
    save_checkpoint(project.store.checkpoint_file, checkpoint)
    record: dict[str, Any] = {
        **history.as_json(),
        "step": step,
        "seconds": seconds,
        "recipe": asdict(recipe),
        "settings": project.settings.model_dump(mode="json"),
    }
    project.store.write_json(project.store.training_file, record)
