"""What a project holds, as plain values."""

from dataclasses import asdict
from typing import Any

from napari_hypseg.project.project import Project


def project_facts(project: Project) -> dict[str, Any]:
    """Which stages are done, what they were made with, what is damaged."""
    return {
        "kind": "project",
        "path": project.path,
        "specimens": [asdict(record) for record in project.records],
        "settings": project.settings.model_dump(mode="json"),
        "checkpoint": project.has_checkpoint,
        "training": {key: value for key, value in project.training.items() if not isinstance(value, list)},
        "leaves": project.hierarchy.n_leaves if project.hierarchy else None,
        "segmentation": dict(project.segmentation.record) if project.segmentation else None,
        "regions": project.n_regions,
        "levels": [{"name": level.name, "regions": len(level.nodes)} for level in project.levels],
        "damage": project.damage,
        "notes": project.source_notes(),
    }
