import ast
from pathlib import Path

import napari_hypseg
from napari_hypseg.jobs import Progress, Stage


def named_stages():
    """Every stage that the package names where it makes a `Progress`."""
    for file in Path(napari_hypseg.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Progress" and node.args
            if is_call and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_stage_of_the_package_has_a_title_and_comes_once():
    assert set(named_stages()) <= set(Stage)
    assert len({stage.value for stage in Stage}) == len(Stage)


def test_a_stage_is_its_word_and_stages_are_in_order():
    assert Stage("learn") is Stage.LEARN == "learn"
    order = list(Stage)
    assert order.index(Stage.LEARN) < order.index(Stage.ENCODE) < order.index(Stage.TREE) < order.index(Stage.EXPORT)
    assert Progress("learn", 0).title == "Learning"
    assert Progress("wander", 0).title == "Wander", "a method of somebody else's has stages of its own"
