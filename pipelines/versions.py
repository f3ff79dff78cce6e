"""Code versions told from the code itself, so that a change of code redoes what it produced and nothing else.

A version is a hash of the syntax trees of a package's modules: comments, layout and docstrings do not count.
"""

import ast
import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

LENGTH = 12
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
    for package in packages:
        for name, content in sorted(_modules(package)):
            if any(name.startswith(f"{one}.") for one in without):
                continue
            digest.update(f"{name}\0{content}\0".encode())
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


def _modules(package: str) -> list[tuple[str, str]]:
    return [found for entry in files(package).iterdir() for found in _contents(entry, package)]


def _contents(entry: Traversable, parent: str) -> list[tuple[str, str]]:
    name = f"{parent}.{entry.name}"
    if entry.is_dir():
        if entry.name == "__pycache__":
            return []
        return [found for child in entry.iterdir() for found in _contents(child, name)]
    if entry.name.endswith(".py"):
        return [(name, ast.dump(_without_docstrings(ast.parse(entry.read_text(encoding="utf-8")))))]
    if entry.name.endswith(".csv"):
        return [(name, entry.read_text(encoding="utf-8"))]
    return []


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        node.body = [statement for statement in node.body if not _is_string(statement)] or [ast.Pass()]
    return tree


def _is_string(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
