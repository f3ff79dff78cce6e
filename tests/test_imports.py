"""Imports point one way: schemas <- warehouse <- pipelines (plain) <- pipelines.defs.

Told from the syntax trees, imports within functions included.
"""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("schemas", "warehouse", "pipelines", "pipelines.defs")
"""From the innermost outwards: a layer may import itself and those before it."""
DAGSTER_LAYER = ("pipelines.defs", "pipelines.definitions")
NETWORK = {"httpx", "requests", "urllib.request", "http.client", "socket", "ssl", "ftplib"}
NO_IO = NETWORK | {
    *("duckdb", "pyarrow.parquet", "pyarrow.dataset", "sqlite3"),
    *("subprocess", "multiprocessing", "tempfile", "shutil", "os"),
}
"""What schemas, which says what the data means, has no business with."""
WRITES = {"open", "write_text", "write_bytes", "write_csv", "write_parquet", "mkdir", "unlink"}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    module_of(path): path
    for package in ("schemas", "warehouse", "pipelines")
    for path in sorted((ROOT / package).rglob("*.py"))
}
every_module = pytest.mark.parametrize("module", SOURCES)


def imported(tree: ast.AST, module: str, *, is_package: bool) -> set[str]:
    """The full names of all modules and names that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                kept = module.split(".")[: len(module.split(".")) - node.level + is_package]
                base = ".".join([*kept, base] if base else kept)
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


def imports_of(module: str) -> set[str]:
    path = SOURCES[module]
    return imported(ast.parse(path.read_text(encoding="utf-8")), module, is_package=path.name == "__init__.py")


def layer(name: str) -> int | None:
    """The position of a module's layer; None for one that is not ours. The entry point belongs to Dagster's."""
    if name == "pipelines.definitions" or name.startswith("pipelines.definitions."):
        return len(LAYERS) - 1
    fitting = [place for place, one in enumerate(LAYERS) if name == one or name.startswith(one + ".")]
    return max(fitting, default=None)


def prefixes(names: set[str]) -> set[str]:
    """The names with all that they lie in: a.b.c, a.b and a."""
    return {".".join(name.split(".")[:length]) for name in names for length in range(1, name.count(".") + 2)}


def at_top_level(module: str) -> set[str]:
    path = SOURCES[module]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lazy: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.If] = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lazy += [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    for block in lazy:
        block.body = [ast.Pass()]
    return imported(tree, module, is_package=path.name == "__init__.py")


def test_every_layer_has_modules():
    assert {layer(module) for module in SOURCES} == set(range(len(LAYERS)))


@every_module
def test_a_module_imports_only_its_own_layer_and_those_before_it(module):
    # The command line starts runs; it imports Dagster's layer when it does, and not before.
    allowed = {"pipelines.defs.launch"} if module == "pipelines.cli" else set()
    outward = {
        name
        for name in imports_of(module)
        if (layer(name) or 0) > (layer(module) or 0) and not any(name.startswith(one + ".") for one in allowed)
    }
    assert outward == set(), f"{module} may import {', '.join(LAYERS[: (layer(module) or 0) + 1])} only"


@every_module
def test_dagster_is_imported_only_where_it_belongs(module):
    uses = {name for name in imports_of(module) if name.split(".")[0].startswith("dagster")}
    belongs = any(module == one or module.startswith(one + ".") for one in DAGSTER_LAYER)
    assert belongs or not uses


def test_the_command_line_imports_dagster_s_layer_only_in_functions():
    assert {name for name in at_top_level("pipelines.cli") if layer(name) == len(LAYERS) - 1} == set()


@pytest.mark.parametrize("module", [one for one in SOURCES if layer(one) == 0])
def test_schemas_reaches_for_no_database_network_or_process(module):
    assert prefixes(imports_of(module)) & NO_IO == set()


@pytest.mark.parametrize("module", [one for one in SOURCES if layer(one) == 0])
def test_schemas_writes_and_opens_nothing(module):
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    called = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }
    assert called & WRITES == set()


@pytest.mark.parametrize(
    "module",
    [one for one in SOURCES if one.startswith(("pipelines.read", "pipelines.recognise", "pipelines.validate"))],
)
def test_only_fetch_touches_the_network(module):
    assert prefixes(imports_of(module)) & NETWORK == set()


def test_only_the_assembler_and_releases_write_database_files():
    """Each its own file; everyone else works in memory, or attaches a file read-only."""
    calls = [
        (module, ast.unparse(node.func), bool(node.args or node.keywords))
        for module, path in SOURCES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    assert {module for module, called, _ in calls if called == "duckdb.connect"} == {"warehouse.session"}
    opening = {module for module, called, has_arguments in calls if called == "session" and has_arguments}
    assert opening == {"warehouse.assembler", "warehouse.release.database"}


OPTIONAL = ("pipelines.dask_workers", "pipelines.defs.celery_runs", "pipelines.sample", "pipelines.read.scan")
"""What is loaded only where its extra is installed."""
NEEDED_BY = {"pdfminer": "pdfplumber"}
"""What comes with a dependency, and is used through it."""


@cache
def dependencies() -> frozenset[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["project"]["dependencies"]
    return frozenset(re.split(r"[^\w.-]", one)[0].lower() for one in listed)


@cache
def distributions() -> dict[str, list[str]]:
    return {name: [one.lower() for one in found] for name, found in packages_distributions().items()}


@pytest.mark.parametrize("module", [one for one in SOURCES if not one.startswith(OPTIONAL)])
def test_what_loads_with_a_module_is_installed_with_the_package(module):
    """`import pandas` at the top of the release reader once failed for everybody without the tests' packages."""
    needed = dependencies()
    ours = {"schemas", "warehouse", "pipelines"}
    foreign = {name.split(".")[0] for name in at_top_level(module)} - ours - sys.stdlib_module_names
    missing = {
        name
        for name in foreign
        if NEEDED_BY.get(name, name) not in needed and not needed.intersection(distributions().get(name, []))
    }
    assert missing == set()


def test_relative_imports_are_resolved():
    tree = ast.parse("from . import a\nfrom .b import c\nfrom .. import d\nimport e.f")
    assert imported(tree, "x.y.z", is_package=False) == {"x.y.a", "x.y.b.c", "x.d", "e.f"}
    assert imported(tree, "x.y.z", is_package=True) == {"x.y.z.a", "x.y.z.b.c", "x.y.d", "e.f"}


def test_an_import_outwards_is_noticed():
    assert layer("schemas.tables.TABLES") == 0
    assert layer("pipelines.steps") == 2
    assert layer("pipelines.defs.launch.launch") == 3
    assert layer("pipelines.definitions") == 3
    assert layer("pipelines.defsomething") == 2
    assert layer("polars") is None
