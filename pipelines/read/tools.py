"""What some kinds of documents need beside this package: whether it is there, and what to install.

Belongs here: finding it. Does not: running it.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, or a library of an extra.

    Args:
        name: what it is called.
        commands: the commands that it may be there as, the best first.
        package: what installs it: on Debian, or for a library by pip.
        module: the module that a library is.
    """

    name: str
    commands: tuple[str, ...]
    package: str
    module: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether it is installed."""
        return self.path is not None or (self.module is not None and find_spec(self.module) is not None)

    @property
    def path(self) -> str | None:
        """Where the program is, or None."""
        return next((found for command in self.commands if (found := shutil.which(command))), None)


LIBREOFFICE = Tool("LibreOffice", ("soffice", "libreoffice"), "libreoffice-writer-nogui")
"""Converts .doc, .wps, .rtf and .odt."""

UNRAR = Tool("unar", ("unrar", "unar", "7zz", "7z", "bsdtar"), "unar")
"""Unpacks compressed RAR archives; one of the programs that the rarfile library works with."""

RAPIDOCR = Tool("RapidOCR", (), "gongkai[ocr]", module="rapidocr")
"""Reads pages that are pictures."""

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (LIBREOFFICE, UNRAR, RAPIDOCR)}
"""All of them by name."""
