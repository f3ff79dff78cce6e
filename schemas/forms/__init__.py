"""The statutory forms, one file per version, found by name: `form_<version>.py` defining `FORM` or `STATISTICS`.

`FORM` is a form of chapters 2 to 4 (since 2019), `STATISTICS` a table of indicators (before).
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from schemas.forms.form import (
    Alternative,
    Block,
    Form,
    Indicator,
    Label,
    Measure,
    StatisticsForm,
    Sum,
)

__all__ = [
    "Alternative",
    "Block",
    "Form",
    "Indicator",
    "Label",
    "Measure",
    "StatisticsForm",
    "Sum",
    "all_forms",
    "expected_cells",
    "form",
    "has_chapters",
    "statistics_forms",
]


@cache
def all_forms() -> tuple[Form, ...]:
    """Every version of the form with chapters 2 to 4, newest first."""
    found: list[Form] = [module.FORM for module in _modules() if hasattr(module, "FORM")]
    return tuple(sorted(found, key=lambda form: form.version, reverse=True))


@cache
def statistics_forms() -> tuple[StatisticsForm, ...]:
    """Every known statistics table of the years before, the national one first."""
    return tuple(module.STATISTICS for module in _modules() if hasattr(module, "STATISTICS"))


def form(version: str) -> Form:
    """The form of that version; raises KeyError naming the known ones."""
    for candidate in all_forms():
        if candidate.version == version:
            return candidate
    raise KeyError(f"no form {version!r}; known: {', '.join(form.version for form in all_forms())}")


def has_chapters(version: str) -> bool:
    """Whether a report of that form version has the tables of chapters 2 to 4."""
    return any(form.version == version for form in all_forms())


def expected_cells(form: Form, chapter: str, several: bool) -> list[tuple[str, str]]:
    """The cells (row code, column code) that a chapter of the form has, in order.

    Args:
        form: the form.
        chapter: table of the contract.
        several: whether the parts that may be printed as one row or as several are printed as several.
    """
    match chapter:
        case "disclosures":
            return [
                (category.code, measure.code)
                for block in form.blocks
                for category in block.categories
                for measure in block.measures
            ]
        case "requests":
            left_out = {code for choice in form.alternatives for code in ((choice.one,) if several else choice.several)}
            return [
                (outcome.code, applicant.code)
                for outcome in form.outcomes
                if outcome.code not in left_out
                for applicant in form.applicants
            ]
        case _:
            return [(proceeding.code, result.code) for proceeding in form.proceedings for result in form.results]


def _modules() -> list[ModuleType]:
    names = sorted(module.name for module in iter_modules(__path__) if module.name.startswith("form_"))
    return [import_module(f"{__name__}.{name}") for name in names]
