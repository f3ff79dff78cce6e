"""What platforms send instead of a page: XML records, JSON, and markup that a script would write.

Belongs here: getting titles and addresses, or the markup that holds them, out of such data. Does not: running
scripts, or reading the markup (`links_html`).
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from pipelines.discover.addresses import resolve
from pipelines.discover.link import Link, date_in, tidy, year_alone

# An entry has a bounded length, so that markup without an end costs no more than its length.
_RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[)?(.{0,5000}?)(?:\]\]>)?\s*</record>", re.DOTALL)
_CALLBACK = re.compile(r"^\s*(?:/\*\*/)?\s*[\w$.]+\s*\((.*)\)\s*;?\s*$", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# An anchor in a string of a script, its quotes and slashes escaped or not.
_SCRIPTED = re.compile(r"<(li|tr|dd|p|a)\b[^>]{0,2000}>.{0,5000}?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")

_TITLES = ("title", "doctitle", "articletitle", "infotitle", "showtitle", "subject", "bt", "name")
_ADDRESSES = ("url", "docpuburl", "docurl", "posturl", "pageurl", "infourl", "linkurl", "staticurl", "href", "link")
_PUBLISHERS = ("publisher", "source", "docsource", "deptname", "orgname", "unitname", "organ", "fbjg", "ly")
_YEARS = ("year", "nd", "reportyear")
_DATES = ("date", "pubdate", "publishdate", "publishtime", "displaypublishtime", "firstpublishtime", "docreltime")
_CREATED = ("createdat", "createtime", "createdate", "time")
_CHINA = timezone(timedelta(hours=8))
_MILLISECONDS = 10**11
"""From here on a number is a time in milliseconds, not in seconds."""


def json_of(text: str) -> object | None:
    """The JSON value that a text is, also as the argument of a callback; None where it is something else."""
    text = text.strip().removeprefix("\ufeff")
    called = _CALLBACK.match(text)
    for candidate in (text, called[1] if called else ""):
        if candidate[:1] in ("{", "["):
            try:
                value: object = json.loads(candidate)
            except (ValueError, RecursionError):
                continue
            return value
    return None


def json_links(value: object, base_url: str) -> Iterator[Link]:
    """The objects anywhere in a JSON value that have a title and an address."""
    for fields in _objects(value):
        named = [text for name in _TITLES if (text := _text(fields.get(name)))]
        urls = (resolve(base_url, href) for name in _ADDRESSES if isinstance(href := fields.get(name), str) and href)
        url = next((each for each in urls if each), None)
        if not named or url is None:
            continue
        yield Link(
            url=url,
            titles=tuple(dict.fromkeys(named)),
            publisher=next((text for name in _PUBLISHERS if (text := _text(fields.get(name)))), None),
            year=next((year for name in _YEARS if (year := year_alone(_text(fields.get(name)))) is not None), None),
            published_on=next((day for name in (*_DATES, *_CREATED) if (day := _day(fields.get(name)))), None),
        )


def markup_in_json(value: object) -> Iterator[str]:
    """The strings anywhere in a JSON value that are markup with anchors."""
    return (each for each in _values(value) if isinstance(each, str) and "<a" in each.lower())


def records(text: str) -> Iterator[str]:
    """The markup of the records of a `<datastore>`, as 大汉 jpage and its proxy send them."""
    return (found[1] for found in _RECORD.finditer(text))


def script_markup(script: str) -> Iterator[str]:
    """The entries that a script would write into the page, as markup; the longest pieces around an anchor."""
    if "<a" not in script.lower():
        return
    for found in _SCRIPTED.finditer(_ESCAPED.sub(_unescaped, script)):
        if "<a" in found[0].lower():
            yield found[0]


def _unescaped(found: re.Match[str]) -> str:
    escape = found[1]
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return {"n": " ", "r": " ", "t": " "}.get(escape, escape)


def _objects(value: object) -> Iterator[dict[str, object]]:
    """The objects in a JSON value, their names in lower case without signs (`pub_date`, `pubDate`: pubdate)."""
    for each in _values(value):
        if isinstance(each, dict):
            yield {re.sub(r"[\W_]", "", str(name)).lower(): member for name, member in each.items()}


def _values(value: object) -> Iterator[object]:
    """A JSON value and every value in it, in order; however deep, which recursion could not go."""
    stack = [value]
    while stack:
        at = stack.pop()
        yield at
        if isinstance(at, dict):
            stack.extend(reversed(at.values()))
        elif isinstance(at, list):
            stack.extend(reversed(at))


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return tidy(_TAG.sub("", value)) if isinstance(value, str) else ""


def _day(value: object) -> date | None:
    """A date of JSON: text, or a number of seconds or milliseconds since 1970, a day in China."""
    if isinstance(value, str) and not value.isdecimal():
        return date_in(value)
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    seconds = float(value) / (1000 if float(value) >= _MILLISECONDS else 1)
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone(_CHINA).date()
    except (ValueError, OverflowError, OSError):
        return None
