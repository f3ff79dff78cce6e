"""Code versions told from the code itself, so that a change of code redoes what it produced and nothing else.

A version is a hash of the syntax trees of a package's modules: comments, layout and docstrings do not count. Making
these trees takes a second, at every start; what they come to is kept where Python keeps what it compiles, by a hash of
the module's text.
"""

import ast
import hashlib
import json
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from warehouse.files import write_if_changed

LENGTH = 12
KEPT = Path(__file__).parent / "__pycache__" / f"meanings.{sys.implementation.cache_tag}.json"
"""What the modules come to, by the hash of their text; derived, and another for each version of Python."""
NOT_OF_ROWS = (
    *("schemas.authorities", "schemas.caveats", "schemas.dictionary"),
    *("schemas.indicators", "schemas.marts", "schemas.population"),
)
"""What describes the data, or computes from them when the database is built, and so changes no stored row."""


@cache
def code_version(*packages: str, libraries: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> str:
    """Hash of the code of `packages` (with their subpackages and CSV data) and of the versions of `libraries`.

    Modules and packages named in `without` do not count.
    """
    digest = hashlib.sha256()
    known = _known()
    before = len(known)
    for package in packages:
        for name, entry in sorted(_modules(package), key=lambda found: found[0]):
            if any(name.startswith(f"{one}.") for one in without):
                continue
            digest.update(f"{name}\0{_meaning(entry, known)}\0".encode())
    if len(known) > before and not sys.dont_write_bytecode:
        with suppress(OSError):  # a folder that may not be written to
            write_if_changed(KEPT, json.dumps(known).encode())
    for library in libraries:
        digest.update(f"{library} {version(library)}\0".encode())
    return digest.hexdigest()[:LENGTH]


def reader_version() -> str:
    """Version of everything between archived bytes and a document."""
    libraries = ("lxml", "olefile", "openpyxl", "pdfminer.six", "pdfplumber", "pypdfium2", "rarfile", "xlrd")
    return code_version("pipelines.read", libraries=libraries)


def recogniser_version() -> str:
    """Version of everything between a document and its recognised figures."""
    return code_version("pipelines.recognise", "schemas.forms", "schemas.regions", libraries=("rapidfuzz",))


def validator_version() -> str:
    """Version of everything between recognised figures and validated rows."""
    return code_version("pipelines.validate", "schemas", without=NOT_OF_ROWS)


def _modules(package: str) -> list[tuple[str, Traversable]]:
    return [found for entry in files(package).iterdir() for found in _below(entry, package)]


def _below(entry: Traversable, parent: str) -> list[tuple[str, Traversable]]:
    """The modules and tables in a file or folder, by their names."""
    name = f"{parent}.{entry.name}"
    if entry.is_dir():
        return (
            [] if entry.name == "__pycache__" else [found for child in entry.iterdir() for found in _below(child, name)]
        )
    return [(name, entry)] if entry.name.endswith((".py", ".csv")) else []


def _meaning(entry: Traversable, known: dict[str, str]) -> str:
    """What a module does or a table says, as a hash; of a module that is not yet known it is noted there."""
    text = entry.read_bytes()
    of_text = hashlib.sha256(text).hexdigest()
    if not entry.name.endswith(".py"):
        return of_text
    if of_text not in known:
        tree = ast.dump(_without_docstrings(ast.parse(text)))
        known[of_text] = hashlib.sha256(tree.encode()).hexdigest()
    return known[of_text]


def _known() -> dict[str, str]:
    """What was kept; nothing where it is damaged."""
    with suppress(OSError, ValueError):
        found = json.loads(KEPT.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        node.body = [statement for statement in node.body if not _is_string(statement)] or [ast.Pass()]
    return tree


def _is_string(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
