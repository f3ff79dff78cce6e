"""Telling people: notifiers that take a report's text to a file, a webhook or a mailbox, and others plugged in.

Configured by `notify.toml` in the home (or the file that `GONGKAI_NOTIFY` names), one table a notifier:

    [[notify]]
    kind = "webhook"
    url = "https://chat.example.org/hooks/1"

    [[notify]]
    kind = "mail"
    server = "smtp://gongkai@mail.example.org:587"   # smtp:// with STARTTLS where offered, or smtps://
    password_variable = "GONGKAI_MAIL_PASSWORD"      # the environment variable that holds the password
    sender = "gongkai@example.org"
    to = ["maintainers@example.org"]

    [[notify]]
    kind = "file"
    path = "/srv/www/gongkai/latest.md"

or, for one of a kind, by the environment: `GONGKAI_NOTIFY_FILE`, `GONGKAI_NOTIFY_WEBHOOK`, and
`GONGKAI_NOTIFY_MAIL` (`smtp://user:password@host:587/?sender=a@example.org&to=b@example.org`). A package adds
a kind by an entry point in the group `gongkai.notifiers`: a callable that takes the table's other settings and
returns a `Notifier`.

A notifier that fails, or is wrongly configured, is a sentence for the log; it never fails the run.
"""

import os
import smtplib
import ssl
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from warehouse.files import write_if_changed
from warehouse.layout import Home

GROUP = "gongkai.notifiers"
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: a line, the report in Markdown, and the number of sources in each section."""

    subject: str
    text: str
    counts: Mapping[str, int]


class Notifier(Protocol):
    """Takes a message somewhere."""

    def send(self, message: Message) -> None:
        """Take the message there; raises whatever stops it."""
        ...


class InvalidNotifier(ValueError):  # noqa: N818 - named for the situation
    """Settings that make no notifier."""


@dataclass(frozen=True, slots=True)
class FileNotifier:
    """Writes the text to a file, in one step."""

    path: Path

    def send(self, message: Message) -> None:
        """Write it."""
        write_if_changed(self.path, message.text.encode())


@dataclass(frozen=True, slots=True)
class Webhook:
    """Posts `{"subject": …, "text": …, "counts": {…}}` as JSON to an address."""

    url: str

    def send(self, message: Message) -> None:
        """Post it; raises where the answer is not 2xx."""
        body = {"subject": message.subject, "text": message.text, "counts": dict(message.counts)}
        try:
            response = httpx.post(self.url, json=body, timeout=_TIMEOUT)
        except httpx.HTTPError as error:
            # The address may hold a secret: only its host is told.
            raise ConnectionError(f"{urlsplit(self.url).hostname}: {type(error).__name__}") from None
        if not response.is_success:
            raise ConnectionError(f"{urlsplit(self.url).hostname} answered {response.status_code}")


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends a mail with the text as its body.

    Args:
        server: `smtp://[user[:password]@]host[:port]`, encrypted where the server offers it, or `smtps://`.
        sender: the address it comes from.
        to: the addresses it goes to.
        password: the user's, where `server` does not have it.
    """

    server: str
    sender: str
    to: tuple[str, ...]
    password: str | None = None

    def send(self, message: Message) -> None:
        """Send it; raises smtplib's and the network's errors."""
        mail = EmailMessage()
        mail["Subject"] = message.subject
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail.set_content(message.text)
        parts = urlsplit(self.server)
        host = parts.hostname or "localhost"
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            with smtplib.SMTP_SSL(host, parts.port or 465, timeout=_TIMEOUT, context=context) as connection:
                self._send(connection, mail)
            return
        with smtplib.SMTP(host, parts.port or 25, timeout=_TIMEOUT) as connection:
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=context)
            self._send(connection, mail)

    def _send(self, connection: smtplib.SMTP, mail: EmailMessage) -> None:
        parts = urlsplit(self.server)
        if parts.username:
            password = self.password or unquote(parts.password or "")
            connection.login(unquote(parts.username), password)
        connection.send_message(mail)


def notifiers(home: Home, environment: Mapping[str, str] = os.environ) -> tuple[tuple[Notifier, ...], tuple[str, ...]]:
    """The notifiers configured for a home, and what is wrong with those that are not usable."""
    tables, problems = _tables(home, environment)
    made: list[Notifier] = []
    for table in tables:
        try:
            made.append(_notifier(table, environment))
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything, and must not stop the others
            problems.append(f"notifier {table.get('kind')!r}: {error}")
    return tuple(made), tuple(problems)


def tell(message: Message, to: Iterable[Notifier]) -> tuple[str, ...]:
    """Send a message by every notifier; return a sentence for each that failed."""
    problems = []
    for notifier in to:
        try:
            notifier.send(message)
        except Exception as error:  # noqa: BLE001 - telling people never fails the run
            problems.append(f"{type(notifier).__name__} failed: {type(error).__name__}: {error}")
    return tuple(problems)


def _tables(home: Home, environment: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The settings of every notifier: of the file, then of the environment."""
    path = Path(environment.get("GONGKAI_NOTIFY") or home.root / "notify.toml")
    tables: list[dict[str, Any]] = []
    problems: list[str] = []
    try:
        tables += tomllib.loads(path.read_text(encoding="utf-8")).get("notify", [])
    except FileNotFoundError:
        if environment.get("GONGKAI_NOTIFY"):
            problems.append(f"{path}, which GONGKAI_NOTIFY names, does not exist")
    except (OSError, ValueError, TypeError) as error:
        problems.append(f"{path} cannot be read: {error}")
    if environment.get("GONGKAI_NOTIFY_FILE"):
        tables.append({"kind": "file", "path": environment["GONGKAI_NOTIFY_FILE"]})
    if environment.get("GONGKAI_NOTIFY_WEBHOOK"):
        tables.append({"kind": "webhook", "url": environment["GONGKAI_NOTIFY_WEBHOOK"]})
    if environment.get("GONGKAI_NOTIFY_MAIL"):
        tables.append(_mail_table(environment["GONGKAI_NOTIFY_MAIL"]))
    usable = [table for table in tables if isinstance(table, dict)]
    if len(usable) < len(tables):
        problems.append(f"{path}: expected tables [[notify]]")
    return usable, problems


def _mail_table(address: str) -> dict[str, Any]:
    server, _, query = address.partition("?")
    said = parse_qs(query)
    return {
        "kind": "mail",
        "server": server.rstrip("/"),
        "sender": next(iter(said.get("sender", [])), None),
        "to": said.get("to", []),
    }


def _notifier(table: Mapping[str, Any], environment: Mapping[str, str]) -> Notifier:
    settings = {name: value for name, value in table.items() if name != "kind"}
    match table.get("kind"):
        case "file":
            return FileNotifier(Path(_text(settings, "path")))
        case "webhook":
            return Webhook(_address(settings, "url", ("http", "https")))
        case "mail":
            return _mail(settings, environment)
        case kind:
            return _plugged_in(str(kind))(settings)


def _mail(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Mail:
    to = settings.get("to")
    to = [to] if isinstance(to, str) else to
    if not to or not isinstance(to, Sequence) or not all(isinstance(each, str) for each in to):
        raise InvalidNotifier("to is missing; expected a list of addresses")
    variable = settings.get("password_variable")
    password = environment.get(str(variable)) if variable else None
    if variable and password is None:
        raise InvalidNotifier(f"the environment has no {variable}, which password_variable names")
    return Mail(_address(settings, "server", ("smtp", "smtps")), _text(settings, "sender"), tuple(to), password)


def _plugged_in(kind: str) -> Callable[[Mapping[str, Any]], Notifier]:
    for entry in entry_points(group=GROUP):
        if entry.name == kind:
            factory: Callable[[Mapping[str, Any]], Notifier] = entry.load()
            return factory
    raise InvalidNotifier(f"no such kind; expected file, webhook, mail or an entry point of {GROUP}")


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidNotifier(f"{name} is missing; expected a text")
    return value


def _address(settings: Mapping[str, Any], name: str, schemes: Sequence[str]) -> str:
    value = _text(settings, name)
    if urlsplit(value).scheme not in schemes or not urlsplit(value).hostname:
        raise InvalidNotifier(f"{name} is no address with {' or '.join(schemes)} and a host")
    return value
