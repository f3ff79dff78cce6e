"""Word processor documents of other formats (.doc, .wps, .rtf, .odt): LibreOffice converts them to .docx.

Belongs here: running LibreOffice on untrusted bytes, apart from the user's own and within a time limit; what an old
container tells of itself. Does not: reading the .docx that comes out.

`Place.path` is the place in the converted document. LibreOffice gets a profile of its own that is thrown away, with
macros, links and the network off.
"""

import io
import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import olefile

from pipelines.read.document import Document
from pipelines.read.docx import read_docx
from pipelines.read.errors import DamagedFile, LockedFile, NeedsLibreOffice, UnsupportedMedia
from pipelines.read.media import DOC, ODT, RTF
from pipelines.read.tools import LIBREOFFICE

SECONDS = 120.0
"""The longest a conversion may take; most take five."""
MEMORY = 8 * 2**30
"""Bytes of address space for a conversion; LibreOffice reserves two gigabytes and uses a tenth of it."""

# A limit that cannot be set is one that is already lower.
_LIMITED = f'ulimit -t {SECONDS:.0f}; ulimit -v {MEMORY // 1024} 2>/dev/null; exec "$@"'
_SUFFIXES = {DOC: ".doc", RTF: ".rtf", ODT: ".odt"}
_NAMES = {DOC: "Word document of the old format", RTF: "RTF document", ODT: "OpenDocument text"}

# Word 97-2007 binary format, [MS-DOC] 2.5.2: the flag fEncrypted in the base of the file information block.
_FLAGS_AT = 0x0A
_ENCRYPTED = 0x0100
# [MS-OLEPS] 2.25.1: the stream of summary properties, and the id of the application's name among them.
_SUMMARY = "\x05SummaryInformation"
_APPLICATION = 18

# No macros, no content fetched from elsewhere, and a proxy that does not exist for what would be fetched all the same.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>
</item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse">
<value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value>
</prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse">
<value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value>
</prop></item>
</oor:items>
"""


def read_doc(content: bytes, sha256: str) -> Document:
    """Read a Word document of the format before 2007, or one of WPS, which writes the same.

    Raises:
        LockedFile: it opens only with a password.
        NeedsLibreOffice: LibreOffice is not installed.
        DamagedFile: LibreOffice cannot convert it.
    """
    _check_open(content)
    producer = _application(content)
    return replace(_converted(content, sha256, DOC), producer=producer)


def read_rtf(content: bytes, sha256: str) -> Document:
    """Read an RTF document; raises as `read_doc` does."""
    return _converted(content, sha256, RTF)


def read_odt(content: bytes, sha256: str) -> Document:
    """Read an OpenDocument text; raises as `read_doc` does."""
    return _converted(content, sha256, ODT)


def read_other_container(content: bytes, sha256: str) -> Document:  # noqa: ARG001 - the signature of a reader
    """Say what is wrong with an OLE container that holds no document of an old format; it always raises.

    Raises:
        LockedFile: it is an Office document encrypted with a password.
        DamagedFile: it cannot be opened.
        UnsupportedMedia: it holds something else.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            streams = sorted({path[0] for path in container.listdir()})
    except Exception as error:  # olefile raises what it meets on damaged containers
        raise DamagedFile(f"Office container: it cannot be opened ({error}); fetch it again") from error
    if "EncryptedPackage" in streams:
        raise LockedFile("Office document: it is locked by a password; ask the publisher for an open copy")
    raise UnsupportedMedia(
        f"Office container: it holds no text or table document ({', '.join(streams)}); open it in the program that made"
        " it and save it as .docx or PDF"
    )


def _check_open(content: bytes) -> None:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            base = container.openstream("WordDocument").read(_FLAGS_AT + 2)
    except Exception as error:  # olefile raises what it meets on damaged containers
        raise DamagedFile(f"{_NAMES[DOC]}: it cannot be opened ({error}); fetch it again") from error
    if int.from_bytes(base[_FLAGS_AT:], "little") & _ENCRYPTED:
        raise LockedFile(f"{_NAMES[DOC]}: it is locked by a password; ask the publisher for an open copy")


def _application(content: bytes) -> str | None:
    """The program that made an old document, where it says so."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            stated = container.getproperties(_SUMMARY).get(_APPLICATION)
    except Exception:  # noqa: BLE001 - a document with damaged properties still has its text
        return None
    return stated.decode("utf-8", "replace").strip("\0 ") or None if isinstance(stated, bytes) else None


def _converted(content: bytes, sha256: str, kind: str) -> Document:
    document = read_docx(to_docx(content, kind), sha256)
    return replace(document, media_type=kind, producer=None)  # the producer would be LibreOffice


def to_docx(content: bytes, kind: str) -> bytes:
    """Convert a document to .docx by LibreOffice.

    Args:
        content: the document.
        kind: its media type: `DOC`, `RTF` or `ODT`.

    Raises:
        NeedsLibreOffice: LibreOffice is not installed.
        DamagedFile: it makes nothing of the document, or takes too long.
    """
    program = LIBREOFFICE.path
    name = _NAMES[kind]
    if program is None:
        raise NeedsLibreOffice(
            f"{name}: LibreOffice reads it, and is not installed here. Install it (Debian: apt-get install"
            f" {LIBREOFFICE.package}) and run again: the document is archived and will be picked up"
        )
    with tempfile.TemporaryDirectory(prefix="gongkai-office-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        source = work / f"document{_SUFFIXES[kind]}"
        source.write_bytes(content)
        settings = work / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SETTINGS, encoding="utf-8")
        said = _run(
            [
                program,
                f"-env:UserInstallation={(work / 'profile').as_uri()}",
                "--headless",
                "--norestore",
                "--nolockcheck",
                "--convert-to",
                "docx:MS Word 2007 XML",
                "--outdir",
                str(work / "out"),
                str(source),
            ],
            work,
            name,
        )
        try:
            return (work / "out" / "document.docx").read_bytes()
        except FileNotFoundError:
            raise DamagedFile(
                f"{name}: LibreOffice cannot convert it ({said}); open it in Word or WPS and save it as .docx"
            ) from None


def _run(command: list[str], home: Path, name: str) -> str:
    """Run LibreOffice; return the last line it said. All its processes are ended with it."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
    }
    # A session of its own: what LibreOffice starts belongs to its process group and can be ended together. The shell's
    # limits end it even where this process is killed and can end nothing any more.
    with subprocess.Popen(  # noqa: S603 - a fixed command; the document is only a file that it opens
        ["/bin/sh", "-c", _LIMITED, "sh", *command],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise DamagedFile(
                    f"{name}: LibreOffice did not finish within {SECONDS:g} s; open it in Word or WPS and save it as"
                    " .docx"
                ) from None
            raise
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {process.returncode}"
