"""How a package is built, in numbers: ``python scripts/structure.py src/napari_hypseg [other packages …]``.

One column for each package folder: its files and their lengths, import circles (imports for types alone count as well),
how much of it is the window, and how much is comment.
"""

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

WINDOW = ("_qt", "_napari", "views", "viewer")
SHORT, LONG = 40, 500


def modules(package: Path) -> dict[str, Path]:
    """Files of a package by the name they are imported by."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of the package that a file imports anywhere, be it for types alone."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
            yield from (full if full in known else base for full in names if full in known or base in known)


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected groups of more than one module (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def measure(package: Path) -> dict[str, str]:
    """The numbers of one package."""
    files = modules(package)
    lines = {name: path.read_text("utf-8").splitlines() for name, path in files.items()}
    lengths = [len(text) for text in lines.values()]
    whole = [len(text) for name, text in lines.items() if files[name].name != "__init__.py"]
    graph = {name: {other for other in imported(name, path, files) if other != name} for name, path in files.items()}
    window = sum(len(text) for name, text in lines.items() if set(name.split(".")) & set(WINDOW))
    comments = sum(line.lstrip().startswith("#") or "  # " in line for text in lines.values() for line in text)
    groups = circles(graph)
    return {
        "files": str(len(files)),
        "lines": str(sum(lengths)),
        "median lines of a file": f"{statistics.median(whole):.0f}",
        f"files under {SHORT} lines, without `__init__`": f"{sum(n < SHORT for n in whole)} of {len(whole)}",
        f"files above {LONG} lines": str(sum(n > LONG for n in whole)),
        "import circles, of modules": f"{len(groups)}, {sum(map(len, groups))}",
        "share of the window": f"{window / max(1, sum(lengths)):.0%}",
        "lines with a comment": f"{comments / max(1, sum(lengths)):.1%}",
    }


def main(folders: list[str]) -> None:
    """Print the table."""
    sys.setrecursionlimit(10_000)
    columns = [measure(Path(folder)) for folder in folders]
    print("| |" + "".join(f" {Path(folder).name} |" for folder in folders))
    print("|---|" + "---:|" * len(folders))
    for name in columns[0]:
        print(f"| {name} |" + "".join(f" {column[name]} |" for column in columns))


if __name__ == "__main__":
    main(sys.argv[1:])
