"""Parses every Bicep, parameter and JSON file under infra/ with public parsers; says where one fails.

Two parsers, because neither knows the whole language: pycep has no parameter files and is told of them as variables, and too few
types for types.bicep; tree-sitter's grammar has no `extension` line.
"""

import json
import pathlib
import re
import sys

import tree_sitter
import tree_sitter_bicep
from pycep import BicepParser

INFRA = pathlib.Path(__file__).parent
GRAMMAR = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))


def by_pycep(text: str) -> list[str]:
    try:
        BicepParser().parse(text=text)
    except Exception as error:  # lark has a class for each way to fail
        return [str(error).splitlines()[0]]
    return []


def by_tree_sitter(text: str) -> list[str]:
    # Same length, so that lines stay what they are.
    text = re.sub(r"(?m)^extension \w+$", lambda line: "//" + line[0][2:], text)
    found: list[str] = []

    def walk(node: tree_sitter.Node) -> None:
        if node.is_error or node.is_missing:
            row, column = node.start_point
            found.append(f"line {row + 1}, column {column + 1}: {node.text[:60]!r}")
        elif node.has_error:
            for child in node.children:
                walk(child)

    walk(GRAMMAR.parse(text.encode()).root_node)
    return found


def as_variables(text: str) -> str:
    """A parameter file, as far as its grammar is that of a template."""
    text, times = re.subn(r"(?m)^using '([^']+)'$", r"// \1", text)
    if times != 1:
        raise ValueError("a parameter file has one `using`")
    return re.sub(r"(?m)^param (\w+) = ", r"var \1 = ", text)


def problems(path: pathlib.Path) -> list[str]:
    text = path.read_text()
    if path.suffix == ".json":
        json.loads(text)
        return []
    if path.suffix == ".bicepparam":
        text = as_variables(text)
    return ([] if path.name == "types.bicep" else by_pycep(text)) + by_tree_sitter(text)


def main() -> int:
    paths = sorted(path for kind in ("bicep", "bicepparam", "json") for path in INFRA.rglob(f"*.{kind}"))
    wrong = 0
    for path in paths:
        try:
            found = problems(path)
        except ValueError as error:
            found = [str(error)]
        wrong += bool(found)
        for problem in found:
            print(f"{path.relative_to(INFRA.parent)}: {problem}", file=sys.stderr)
    print(f"infra: {len(paths) - wrong} passed, {wrong} failed")
    return int(wrong > 0)


sys.exit(main())
