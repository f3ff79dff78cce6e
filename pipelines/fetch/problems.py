"""Why an address could not be had: one code for each case, and the exception that carries it.

Belongs here: the codes and what they mean, for outcomes, reports and a maintainer. Does not: telling which case it
is; `answers`, `bodies`, `safety`, `robots` and `download` do.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Problem = Literal[
    "bad_address",
    "bomb",
    "certificate",
    "challenged",
    "circuit_open",
    "damaged",
    "empty",
    "internal",
    "missing",
    "private_address",
    "protocol",
    "rate_limited",
    "redirect_loop",
    "refused",
    "reset",
    "robots",
    "robots_unreachable",
    "server_error",
    "timeout",
    "tls",
    "too_large",
    "truncated",
    "undecodable",
    "unreachable",
    "wrong_type",
]

PROBLEMS: Mapping[Problem, str] = {
    "bad_address": "the address, or one it leads to, is nothing that can be asked for",
    "bomb": "the packed answer swells beyond any document",
    "certificate": "the server's certificate does not prove that it is the host",
    "challenged": "an anti-bot page came instead of the document",
    "circuit_open": "the host failed before and is left alone for a while",
    "damaged": "an earlier capture of the address is damaged in the archive",
    "empty": "the answer has no bytes",
    "internal": "a fault of this program",
    "missing": "the server says that there is no such page (404, 410, or a page that says so)",
    "private_address": "the host, or one it leads to, is on a loopback, link-local or private address",
    "protocol": "the answer is not HTTP",
    "rate_limited": "the server asks for fewer requests (429)",
    "redirect_loop": "the address redirects on and on",
    "refused": "the server refuses to give the document",
    "reset": "the connection was closed before an answer",
    "robots": "the host's robots.txt forbids it",
    "robots_unreachable": "the host's robots.txt cannot be had, which for now forbids all (RFC 9309, 2.3.1.4)",
    "server_error": "the server failed (5xx)",
    "timeout": "no complete answer came in time",
    "tls": "no secure connection could be agreed on, not even of the old kind",
    "too_large": "the document is larger than the limit",
    "truncated": "the answer ended before its end",
    "undecodable": "the answer is packed in a way that was not asked for, or damaged",
    "unreachable": "no connection to the host",
    "wrong_type": "the answer is no kind of document",
}
"""Every problem code and what it means."""

assert set(PROBLEMS) == set(get_args(Problem))  # noqa: S101 - a code without its meaning must not be released

OF_THE_HOST: frozenset[Problem] = frozenset({"reset", "server_error", "timeout", "tls", "unreachable"})
"""Problems that say something of the host, not of the page: enough of them in a row open its circuit."""


class FetchFailed(Exception):  # noqa: N818 - the name states the situation
    """An address that could not be had; the message says why and what to do.

    Args:
        problem: which case it is.
        message: what, where, and what to do next.
        host: the host that is to blame, where it is not the asked address's.
    """

    def __init__(self, problem: Problem, message: str, host: str | None = None) -> None:
        super().__init__(problem, message, host)
        self.problem = problem
        self.message = message
        self.host = host

    def __str__(self) -> str:
        return self.message


class Passing(FetchFailed):
    """A failure that another try may cure, after `wait` seconds at least."""

    def __init__(self, problem: Problem, message: str, host: str | None = None, wait: float = 0) -> None:
        super().__init__(problem, message, host)
        self.args = (problem, message, host, wait)
        self.wait = wait
