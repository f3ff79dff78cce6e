"""The statutory forms: one file per version, found by its name (`form_<version>.py` defining `FORM`)."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from schemas.forms.form import Alternative, Block, Form, Label, Measure

__all__ = ["Alternative", "Block", "Form", "Label", "Measure", "all_forms", "form"]


@cache
def all_forms() -> tuple[Form, ...]:
    """Every form version, newest first."""
    names = sorted(module.name for module in iter_modules(__path__) if module.name.startswith("form_"))
    found: list[Form] = [import_module(f"{__name__}.{name}").FORM for name in names]
    return tuple(sorted(found, key=lambda form: form.version, reverse=True))


def form(version: str) -> Form:
    """The form of that version; raises KeyError naming the known ones."""
    for candidate in all_forms():
        if candidate.version == version:
            return candidate
    raise KeyError(f"no form {version!r}; known: {', '.join(form.version for form in all_forms())}")
