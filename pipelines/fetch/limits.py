"""How hard and how long the downloader tries, for all hosts and for single ones.

Belongs here: the settings and where they are read from. Does not: keeping to them.

Hosts that need another pace have a line in `hosts.csv` beside this module, or in a file of that name in the home:

    host        the name as it stands in addresses
    per_second  requests a second on average, or `unlimited`
    burst       requests that may follow one another at once after a pause
    at_once     requests under way at once
    loopback    `yes` opens the loopback interface to this host: for tests and for a mirror on the same machine
    note        for people

An empty field leaves the general setting. The general settings are `Limits`; a file `fetch.toml` in the home changes
any of them by its name, and says whom to ask about this program:

    rate = 0.5
    max_bytes = 134217728
    contact = "https://example.org/gongkai"
"""

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

HOSTS = "hosts.csv"
SETTINGS = "fetch.toml"
_FIELDS = ("host", "per_second", "burst", "at_once", "loopback", "note")


class InvalidHosts(Exception):  # noqa: N818 - named for the situation
    """A hosts file with wrong lines; the message lists each with its line and problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return f"correct these lines: {'; '.join(self.problems)}"


class InvalidSettings(Exception):  # noqa: N818 - named for the situation
    """A file of settings that cannot be followed; the message lists each problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return f"correct {SETTINGS}: {'; '.join(self.problems)}"


@dataclass(frozen=True, slots=True)
class HostLimits:
    """What is different for one host; None leaves the general setting.

    Args:
        rate: requests a second on average.
        burst: requests that may follow one another at once after a pause.
        at_once: requests under way at once.
        loopback: whether it may be on the loopback interface.
    """

    rate: float | None = None
    burst: int | None = None
    at_once: int | None = None
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one host is asked: requests a second, requests in a burst, requests under way at once."""

    rate: float
    burst: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard and how long to try.

    Args:
        concurrency: requests under way at once, over all hosts.
        per_host: of them, to one host.
        rate: requests a second to one host, on average.
        burst: requests to one host that may follow one another at once after a pause.
        timeout: seconds to wait for a connection, and for each piece of an answer.
        deadline: seconds for one request and its answer.
        max_bytes: largest document taken.
        max_ratio: largest growth of a packed answer, where it is unpacked to more than a few MiB.
        attempts: tries for what may pass: transport errors, 429 and 5xx answers.
        backoff: seconds before the second try; doubles with each further one, and varies by half either way.
        longest_wait: a server that asks (Retry-After) for a longer wait than these seconds is left alone until then.
        failures: sources in a row that a host fails to deliver before it is left alone.
        rest: seconds for which it is.
        recheck_days: so often a document is asked for unconditionally, for servers that change bytes but no date;
            0 for never.
        contact: an address at which a site's keeper reaches whoever runs this, said with every request.
        hosts: what is different for single hosts.
    """

    concurrency: int = 128
    per_host: int = 2
    rate: float = 1.0
    burst: int = 3
    timeout: float = 30.0
    deadline: float = 300.0
    max_bytes: int = 64 * 2**20
    max_ratio: float = 100.0
    attempts: int = 3
    backoff: float = 1.0
    longest_wait: float = 60.0
    failures: int = 5
    rest: float = 3600.0
    recheck_days: int = 30
    contact: str = ""
    hosts: Mapping[str, HostLimits] = field(default_factory=dict)

    def pace(self, host: str) -> Pace:
        """How fast `host` is asked."""
        own = self.hosts.get(host, HostLimits())
        return Pace(
            self.rate if own.rate is None else own.rate,
            self.burst if own.burst is None else own.burst,
            self.per_host if own.at_once is None else own.at_once,
        )

    def opens_loopback(self, host: str) -> bool:
        """Whether `host` may be on the loopback interface."""
        return self.hosts.get(host, HostLimits()).loopback


def limits_of(home: Path) -> Limits:
    """The limits as the files in the folder `home` have them; what those do not say is as the package has it.

    Raises:
        InvalidHosts: its file of hosts has wrong lines.
        InvalidSettings: its file of settings names an unknown one, or gives one an impossible value.
    """
    own, general = home / HOSTS, home / SETTINGS
    limits = load_settings(general) if general.exists() else Limits()
    return replace(limits, hosts={**_packaged(), **(load_hosts(own) if own.exists() else {})})


def default_limits() -> Limits:
    """The limits with the hosts of the package's file."""
    return Limits(hosts=_packaged())


def load_hosts(path: Path) -> Mapping[str, HostLimits]:
    """The hosts of a file; raises InvalidHosts with all its problems at once."""
    return _load(path.name, path.read_text("utf-8"))


def load_settings(path: Path) -> Limits:
    """The general settings of a file; raises InvalidSettings with all its problems at once."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InvalidSettings([f"it is no TOML in UTF-8 ({error})"]) from error
    problems = [problem for name, value in said.items() if (problem := _setting_problem(name, value))]
    if problems:
        raise InvalidSettings(problems)
    return Limits(**said)


def _setting_problem(name: str, value: Any) -> str | None:
    defaults = {each.name: each.default for each in fields(Limits) if each.name != "hosts"}
    if name not in defaults:
        return f"{name} is no setting; expected {', '.join(defaults)}"
    if isinstance(defaults[name], str):
        # It goes into a header, where line breaks and other characters would end or break the request.
        is_right = isinstance(value, str) and value.isascii() and value.isprintable()
        return None if is_right else f"{name} is {value!r}, expected a text in ASCII"
    expected = (int,) if isinstance(defaults[name], int) else (int, float)
    least = 0 if name == "recheck_days" else math.ulp(0)
    if type(value) in expected and least <= value < math.inf:
        return None
    return f"{name} is {value!r}, expected a {'whole ' if expected == (int,) else ''}number above 0"


@cache
def _packaged() -> Mapping[str, HostLimits]:
    return _load(HOSTS, (files("pipelines.fetch") / HOSTS).read_text("utf-8"))


def _load(name: str, text: str) -> Mapping[str, HostLimits]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if "host" not in (reader.fieldnames or ()) or set(reader.fieldnames or ()) - set(_FIELDS):
        raise InvalidHosts([f"{name} line 1: expected the columns {', '.join(_FIELDS)}"])
    hosts: dict[str, HostLimits] = {}
    problems: list[str] = []
    for number, row in enumerate(reader, start=2):
        host = (row["host"] or "").strip().lower()
        try:
            if not host or host in hosts:
                raise ValueError("has no host" if not host else f"names {host} a second time")
            hosts[host] = _host(row)
        except ValueError as error:
            problems.append(f"{name} line {number}: {error}")
    if problems:
        raise InvalidHosts(problems)
    return hosts


def _host(row: Mapping[str, str | None]) -> HostLimits:
    return HostLimits(
        rate=_positive("per_second", row.get("per_second")),
        burst=_whole("burst", row.get("burst")),
        at_once=_whole("at_once", row.get("at_once")),
        loopback=_yes("loopback", row.get("loopback")),
    )


def _positive(name: str, text: str | None) -> float | None:
    if not text:
        return None
    if text == "unlimited":
        return math.inf
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < math.inf:
        raise ValueError(f"{name} is {text!r}, expected a number above 0 or `unlimited`")
    return value


def _whole(name: str, text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name} is {text!r}, expected a whole number from 1")
    return int(text)


def _yes(name: str, text: str | None) -> bool:
    if text not in {None, "", "yes", "no"}:
        raise ValueError(f"{name} is {text!r}, expected `yes` or `no`")
    return text == "yes"
