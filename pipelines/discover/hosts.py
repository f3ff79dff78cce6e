"""Hosts: whose they are, and whether a report of a division can lie on one.

`domains.csv` beside this module declares what a host's name does not tell: domains of provinces, which serve
every division in them; sites for the whole country; hosts of governments outside gov.cn. Any other domain
under gov.cn belongs to one city, the one it is first listed for. Not here: asking the hosts for anything.
"""

import csv
import io
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from ipaddress import ip_address
from pathlib import Path

from pipelines.discover.addresses import host
from schemas.regions import division, inside

DOMAINS = "domains.csv"
_GOVERNMENT = re.compile(r"(?:.*\.)?(?P<domain>[^.]+\.gov\.cn)")
_NOBODYS = re.compile(r"(?:.*\.)?(?:localhost|test|invalid|local|internal)")
"""Names that never exist on the public net (RFC 2606, RFC 6761, RFC 6762): a test's or a sample's."""

Owners = Mapping[str, str]
"""Domains with the code of the division they serve; empty for the whole country."""


@cache
def declared_hosts() -> Owners:
    """What the package's `domains.csv` declares, by domain."""
    return load_domains(files("pipelines.discover") / DOMAINS)


def load_domains(path: Path | Traversable) -> Owners:
    """What a file of domains (columns `domain`, `region_code`, `note`) declares, by domain."""
    text = path.read_bytes().decode("utf-8-sig")
    return {row["domain"]: row["region_code"] for row in csv.DictReader(io.StringIO(text))}


def domain(name: str, owners: Owners) -> str:
    """What a host belongs to: `zhoukou.gov.cn` of `tjj.zhoukou.gov.cn`; another host is its own domain."""
    parts = name.split(".")
    for start in range(len(parts)):
        suffix = ".".join(parts[start:])
        if suffix in owners:
            return suffix
    government = _GOVERNMENT.fullmatch(name)
    return government["domain"] if government else name


def wrong_host(url: str, region_code: str, owners: Owners) -> str | None:
    """Why a report of a division cannot lie at an address, as a sentence; None where it can.

    Args:
        url: a well-formed address.
        region_code: code of the division the publisher governs or belongs to.
        owners: the domains known.
    """
    name = host(url)
    if is_nobodys(name):
        return None
    known = domain(name, owners)
    owner = owners.get(known)
    if owner is None and _GOVERNMENT.fullmatch(name) is None:
        return (
            f"wrong host {name!r}: no government's (*.gov.cn) and not declared; if it is one's, "
            f"declare it in {DOMAINS} beside the catalogue (domain, region_code, note)"
        )
    place = division(region_code)
    if not owner or inside(place, owner):
        return None
    return (
        f"wrong host {name!r}: {known} belongs to {division(owner).name} ({owner}), not to {place.name} "
        f"({region_code}); correct the line, or declare the domain in {DOMAINS} beside the catalogue"
    )


def is_nobodys(name: str) -> bool:
    """Whether a host is on no public net, such as a test site on loopback. Whether to ask it, fetching decides."""
    try:
        return not ip_address(name).is_global
    except ValueError:
        return _NOBODYS.fullmatch(name) is not None


def claim(url: str, region_code: str, owners: dict[str, str]) -> None:
    """Note that the domain of an address, unless it is known, belongs to the division's city."""
    name = host(url)
    if not is_nobodys(name):
        owners.setdefault(domain(name, owners), division(region_code).city_code)
