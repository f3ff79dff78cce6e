import json
import smtplib
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipelines.report import notify
from pipelines.report.notify import FileNotifier, Mail, Message, Webhook, notifiers, tell
from warehouse.layout import Home

MESSAGE = Message("gongkai 2026-01-03: 1 failed", "# gongkai\n\n周口市\n", {"failed": 1})


@pytest.fixture
def hook():
    """A webhook on loopback: its address, the status it answers with, and what it was sent."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(Handler.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hooks/secret", Handler, posted
        server.shutdown()
        thread.join()


@pytest.fixture
def mailbox():
    """A mail server on loopback that takes one message: its port and the lines it was sent."""
    received = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            is_body = False
            for line in lines:
                received.append(line.decode().rstrip("\r\n"))
                if is_body:
                    if line == b".\r\n":
                        is_body = False
                        connection.sendall(b"250 taken\r\n")
                    continue
                command = line.split()[0].upper()
                is_body = command == b"DATA"
                answers = {
                    b"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n",
                    b"DATA": b"354 go on\r\n",
                    b"AUTH": b"235 in\r\n",
                    b"QUIT": b"221 bye\r\n",
                }
                connection.sendall(answers.get(command, b"250 ok\r\n"))
                if command == b"QUIT":
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], received
    server.close()


def test_to_a_file(tmp_path):
    path = tmp_path / "www" / "latest.md"
    assert tell(MESSAGE, [FileNotifier(path)]) == ()
    assert path.read_text(encoding="utf-8") == MESSAGE.text


def test_to_a_webhook(hook):
    url, _, posted = hook
    assert tell(MESSAGE, [Webhook(url)]) == ()
    assert posted == [{"subject": MESSAGE.subject, "text": MESSAGE.text, "counts": {"failed": 1}}]


def test_to_a_mailbox(mailbox):
    port, received = mailbox
    mail = Mail(f"smtp://user:p%40ss@127.0.0.1:{port}", "gongkai@x.test", ("a@x.test", "b@x.test"))
    assert tell(MESSAGE, [mail]) == ()
    assert f"Subject: {MESSAGE.subject}" in received
    assert "To: a@x.test, b@x.test" in received
    assert any(line.startswith("AUTH PLAIN") for line in received)


def test_one_that_fails_stops_no_other_and_tells_no_secret(hook, tmp_path):
    url, handler, _ = hook
    handler.status = 500
    unreachable = Webhook("http://127.0.0.1:9/hooks/secret")
    path = tmp_path / "latest.md"
    problems = tell(MESSAGE, [Webhook(url), unreachable, FileNotifier(tmp_path), FileNotifier(path)])
    assert [problem.partition(" failed")[0] for problem in problems] == ["Webhook", "Webhook", "FileNotifier"]
    assert "answered 500" in problems[0]
    assert "secret" not in "".join(problems)
    assert path.exists()


def test_configured_by_a_file(tmp_path):
    (tmp_path / "notify.toml").write_text(
        """
        [[notify]]
        kind = "webhook"
        url = "https://chat.example.org/hooks/1"
        [[notify]]
        kind = "mail"
        server = "smtps://gongkai@mail.example.org"
        password_variable = "SECRET"
        sender = "a@example.org"
        to = "b@example.org"
        [[notify]]
        kind = "file"
        path = "/srv/latest.md"
        """,
        encoding="utf-8",
    )
    made, problems = notifiers(Home(tmp_path), {"SECRET": "s"})
    assert problems == ()
    assert made[0] == Webhook("https://chat.example.org/hooks/1")
    assert made[1] == Mail("smtps://gongkai@mail.example.org", "a@example.org", ("b@example.org",), "s")
    assert str(made[2].path) == "/srv/latest.md"


def test_configured_by_the_environment(tmp_path):
    environment = {
        "GONGKAI_NOTIFY_FILE": "/srv/latest.md",
        "GONGKAI_NOTIFY_WEBHOOK": "https://chat.example.org/1",
        "GONGKAI_NOTIFY_MAIL": "smtp://u:p@mail.example.org:587/?sender=a@example.org&to=b@example.org&to=c@example.org",
    }
    made, problems = notifiers(Home(tmp_path), environment)
    assert problems == ()
    assert made[2] == Mail("smtp://u:p@mail.example.org:587", "a@example.org", ("b@example.org", "c@example.org"))
    assert notifiers(Home(tmp_path), {}) == ((), ())


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ('[[notify]]\nkind = "pigeon"', "no such kind"),
        ('[[notify]]\nkind = "webhook"', "url is missing"),
        ('[[notify]]\nkind = "webhook"\nurl = "ftp://x"', "url is no address"),
        ('[[notify]]\nkind = "file"\npath = 3', "path is missing"),
        ('[[notify]]\nkind = "mail"\nserver = "smtp://x"\nsender = "a"', "to is missing"),
        (
            '[[notify]]\nkind = "mail"\nserver = "smtp://x"\nsender = "a"\nto = ["b"]\npassword_variable = "NO"',
            "has no NO",
        ),
        ('notify = ["x"]', "expected tables"),
        ("notify = 3", "cannot be read"),
        ("not toml", "cannot be read"),
    ],
)
def test_wrong_settings_are_problems_not_errors(tmp_path, said, problem):
    (tmp_path / "notify.toml").write_text(f'{said}\n[[other]]\nkind = "x"\n', encoding="utf-8")
    made, problems = notifiers(Home(tmp_path), {"GONGKAI_NOTIFY_FILE": "/srv/x.md"})
    assert made == (FileNotifier(made[0].path),)
    assert problem in "".join(problems)


def test_a_named_file_that_is_absent_is_a_problem(tmp_path):
    _, problems = notifiers(Home(tmp_path), {"GONGKAI_NOTIFY": str(tmp_path / "absent.toml")})
    assert "does not exist" in problems[0]


def test_other_kinds_are_plugged_in(tmp_path, monkeypatch):
    class Pigeon:
        def __init__(self, settings):
            self.name = settings["name"]

        def send(self, message):
            raise smtplib.SMTPException(f"{self.name} is lost")

    class Entry:
        name = "pigeon"

        def load(self):
            return Pigeon

    monkeypatch.setattr(notify, "entry_points", lambda group: [Entry()] if group == "gongkai.notifiers" else [])
    (tmp_path / "notify.toml").write_text('[[notify]]\nkind = "pigeon"\nname = "P"', encoding="utf-8")
    made, problems = notifiers(Home(tmp_path), {})
    assert problems == ()
    assert tell(MESSAGE, made) == ("Pigeon failed: SMTPException: P is lost",)
