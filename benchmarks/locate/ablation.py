"""What the settings of the localizers do: one is changed at a time, all others stay at their defaults.

Nothing but the localizer is looked at: no outline is learned, and no box is made. Each value is learned once and from
one seed, so that small differences say nothing. The seeds of the scans are none that are scored elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.locate.coarse_scenes import Scene, make_scenes
from benchmarks.locate.localizer_auc import CONTROLS, LocalizerAuc, localizer_auc, structure_auc
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.config_base import Config
from napari_hypseg.jobs import Job
from napari_hypseg.methods.registry import get_localizer
from napari_hypseg.pipeline.locate_settings import LocateSettings

if TYPE_CHECKING:
    import torch

Value = float | str
FIRST_SEED = 40_000
SEED = 0
"""Start of learning, in every row."""
STRUCTURE = "structure"
UNTRAINED = "untrained"


@dataclass(frozen=True)
class Variation:
    """A setting of a localizer and the values that are tried; the default is tried in any case."""

    method: str
    setting: str
    values: tuple[Value, ...]


VARIATIONS = (
    Variation("sorting", "margin", (0.3, 1.0, 3.0)),
    Variation("sorting", "dropout", (0.05, 0.1, 0.3)),
    Variation("sorting", "span", (0.25, 0.5, 1.0)),
    Variation("sorting", "axis", ("z", "all")),
    Variation("sorting", "centred", (False, True)),
    Variation("rotation", "angles", (8, 16, 32)),
    Variation("rotation", "distance", (1, 2, 4)),
    Variation("rotation", "dropout", (0.05, 0.1, 0.3)),
)


@dataclass(frozen=True)
class AblationPlan:
    """How many scans of how many voxels along an edge, and how much is tried.

    Parameters
    ----------
    steps
        Of learning; None for the localizer's default.
    values
        How many of each setting's values are tried; None for all.
    """

    learned: int
    unseen: int
    edge: int
    steps: int | None = None
    values: int | None = None


FULL_ABLATION = AblationPlan(8, 4, 128)
QUICK_ABLATION = AblationPlan(2, 1, 64, steps=5, values=2)


@dataclass(frozen=True)
class AblationRow:
    """One value of one setting.

    Parameters
    ----------
    method
        Name of the localizer, or `STRUCTURE` for a map without any network.
    setting, value
        What was changed; `UNTRAINED` and None for a network as it was before learning.
    default
        Whether this is what the localizer does by itself.
    auc
        What it reached.
    """

    method: str
    setting: str
    value: Value | None
    default: bool
    auc: LocalizerAuc


@dataclass(frozen=True, eq=False)
class _Bench:
    """What all rows share."""

    plan: AblationPlan
    learned: Sequence[Scene]
    unseen: Sequence[Scene]
    device: "torch.device"


def ablation_rows(plan: AblationPlan, settings: Sequence[LocateSettings]) -> Job[list[AblationRow]]:
    """Vary the settings of those of `settings` that have variations, or of all that have if none of them does.

    Computes on the device of the first.

    Raises
    ------
    SettingError
        If a localizer does not have a setting that is varied.
    """
    from napari_hypseg.training.device import resolve_device

    yield StageMessage(f"Generating {plan.learned + plan.unseen} scans to see what the settings do")
    learned = yield from make_scenes(plan.edge, FIRST_SEED, plan.learned)
    unseen = yield from make_scenes(plan.edge, FIRST_SEED + plan.learned, plan.unseen)
    bench = _Bench(plan, learned, unseen, resolve_device(settings[0].device))
    rows = [AblationRow(STRUCTURE, "", None, False, (yield from structure_auc(unseen)))]
    methods = [one.method for one in settings if one.method in CONTROLS] or list(CONTROLS)
    for method in methods:
        rows += yield from _method_rows(method, bench)
    return rows


def _method_rows(method: str, bench: _Bench) -> Job[list[AblationRow]]:
    """The localizer before learning, then each value of each setting; the default is learned only once."""
    yield StageMessage(f"{method}: before learning")
    untrained = yield from _auc(method, {"steps": 1}, bench)
    yield StageMessage(f"{method}: with its defaults")
    usual = yield from _auc(method, {}, bench)
    rows = [AblationRow(method, UNTRAINED, None, False, untrained)]
    for variation in VARIATIONS:
        if variation.method == method:
            rows += yield from _variation_rows(variation, usual, bench)
    return rows


def _variation_rows(variation: Variation, usual: LocalizerAuc, bench: _Bench) -> Job[list[AblationRow]]:
    rows, method, setting = [], variation.method, variation.setting
    default = default_of(variation)
    tried = variation.values[: bench.plan.values]
    for value in tried if default in tried else (*tried, default):
        auc = usual
        if value != default:
            yield StageMessage(f"{method}: {setting} {value}")
            auc = yield from _auc(method, {setting: value}, bench)
        rows.append(AblationRow(method, setting, value, value == default, auc))
    return rows


def default_of(variation: Variation) -> Value:
    """What the localizer does by itself."""
    default: Value = getattr(_settings(variation.method, {}), variation.setting)
    return default


def _settings(method: str, changed: Mapping[str, Value]) -> Config:
    return get_localizer(method).settings.check({"seed": SEED, **changed})


def _auc(method: str, changed: Mapping[str, Value], bench: _Bench) -> Job[LocalizerAuc]:
    """Learn with one setting changed, and look in the scans that were not learned from."""
    steps = {} if bench.plan.steps is None else {"steps": bench.plan.steps}
    settings = _settings(method, {**steps, **changed})
    localizer = get_localizer(method).build(settings, 1)
    yield from localizer.fit([scene.copy for scene in bench.learned], bench.device)
    return (yield from localizer_auc(localizer, method, settings, bench.unseen))
