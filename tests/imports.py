"""What a stage script can reach and what it reads, derived from the code."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import grimp

from sokrates.pipeline.params import Params

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sokrates"


def reachable(script: Path) -> set[str]:
    """Files of `sokrates/` that the script imports, directly or not; package folders' __init__ hold text only."""
    graph = grimp.build_graph("sokrates", cache_dir=None)
    found: set[str] = set()
    for module in _imported(script, graph.modules):
        found |= {module} | graph.find_upstream_modules(module)
    files = {ROOT / Path(*module.split(".")).with_suffix(".py") for module in found}
    return {str(file.relative_to(ROOT)) for file in files if file.is_file()}


def _imported(script: Path, modules: set[str]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sokrates"):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & modules) or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in modules}
    return found


def read_params(script: Path) -> set[str]:
    """Leaves of params.yaml that the script reads, as `params.section` or `params.section.leaf`.

    A section handed on whole counts with all its leaves. `runtime` is left out: it changes no result.
    """
    found: set[str] = set()
    tree = ast.parse(script.read_text())
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        chain = _chain(node)
        if chain and id(node) not in inner and chain[0] != "runtime":
            found |= _leaves(Params, chain)
    return found


def _leaves(section: Any, chain: list[str], name: str = "") -> set[str]:
    """The leaves of a section's fields that `chain` leads to, each with the sections that it is in."""
    fields = getattr(section, "model_fields", None)
    if fields is None:
        return {name}
    chosen = chain[:1] or list(fields)
    return {
        leaf
        for field in chosen
        for leaf in _leaves(fields[field].annotation, chain[1:], f"{name}.{field}" if name else field)
    }


def _chain(node: ast.AST) -> list[str]:
    """`params.a.b` as [a, b]; empty for any other expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return names if isinstance(node, ast.Name) and node.id == "params" else []
