"""No module of the package imports itself by any way round, imports for types alone included."""

import ast
from pathlib import Path

import pytest

import napari_hypseg

ROOT = Path(napari_hypseg.__file__).parent


def imports_of(file, modules):
    """Modules of the package that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [name for alias in node.names if (name := f"{node.module}.{alias.name}") in modules]
            yield from inner or ([node.module] if node.module in modules else [])


def module_graph():
    """Module to the modules it imports; a package is its ``__init__``."""
    files = {
        ".".join(("napari_hypseg", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): file
        for file in ROOT.rglob("*.py")
    }
    return {name: set(imports_of(file, files)) - {name} for name, file in files.items()}


def circles(graph):
    """Groups of modules that reach each other (Tarjan's strongly connected components of more than one)."""
    order, low, stack, found = {}, {}, [], []

    def visit(name):
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == order[name]:
            start = stack.index(name)
            if len(stack) - start > 1:
                found.append(sorted(stack[start:]))
            del stack[start:]

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return found


@pytest.fixture(scope="module")
def graph():
    return module_graph()


def test_there_is_no_new_circle(graph):
    assert circles(graph) == []


def test_the_graph_sees_imports_for_types_and_inside_functions(graph):
    assert "napari_hypseg.project.project" in graph["napari_hypseg._qt.model"]
    assert "napari_hypseg.pipeline" in graph["napari_hypseg._qt.controllers.learn"]
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
