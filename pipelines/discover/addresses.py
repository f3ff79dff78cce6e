"""Web addresses: which are well formed, what a link on a page leads to, and when two are the same document's.

A query string is part of an address's identity: nothing here drops, sorts or re-encodes one. Not here: whose
host it is (`pipelines.discover.hosts`).
"""

import re
from urllib.parse import urljoin, urlsplit

_NOT_A_LINK = re.compile(r"(?:javascript|mailto|tel|data|about|file|ftp):|#|$", re.IGNORECASE)
_IN_SCRIPT = re.compile(
    r"""['"]([^'"\s]+\.(?:s?html?|jhtml|jsp|aspx?|pdf|docx?|wps|ofd|xlsx?|zip|rar)(?:\?[^'"\s]*)?)['"]"""
)
_GATEWAY = re.compile(r"^https?://[^/]+/gate/big5/(?P<address>.+)$", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_address(url: str) -> bool:
    """Whether it is http or https with a host, and without white space."""
    try:
        parts = urlsplit(url)
        # Reading the port checks it.
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and (port is None or port > 0)
        and not re.search(r"\s", url)
    )


def host(url: str) -> str:
    """The host of a well-formed address, in lower case."""
    return urlsplit(url).hostname or ""


def resolve(base_url: str, href: str) -> str | None:
    """What a link on the page `base_url` leads to, its query as written; None where it leads to no page.

    The fragment is dropped: it is never sent to the server.
    """
    href = re.sub(r"[\t\r\n]", "", href).strip()
    if _NOT_A_LINK.match(href):
        return None
    try:
        # A space inside is a slip of whoever wrote the page; browsers send it as %20.
        url = urljoin(base_url, href).partition("#")[0].replace(" ", "%20")
    except ValueError:
        return None
    return url if is_address(url) else None


def in_script(call: str) -> str | None:
    """The address that a script call (`javascript:open('/a.html')`) names in quotes, or None."""
    found = _IN_SCRIPT.search(call)
    return found[1] if found else None


def same_document(url: str) -> str:
    """A key that two addresses share when they lead to the same document.

    http or https, with or without `www.`, directly or through a gateway that shows pages in traditional
    characters (`/gate/big5/`): all the same. Path and query count as they are.
    """
    through = _GATEWAY.match(url)
    if through is not None:
        return same_document(f"http://{through['address']}")
    parts = urlsplit(url)
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{(parts.hostname or '').removeprefix('www.')}{port}{parts.path or '/'}{query}"


def is_gateway(url: str) -> bool:
    """Whether a page is seen through a gateway to traditional characters."""
    return _GATEWAY.match(url) is not None
