"""The binary, started as an administrator does, and a browser to use its pages with.

EMANCIPASSO_BIN names the binary (default: target/release/emancipasso of this repository).
"""

import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
BINARY = os.environ.get("EMANCIPASSO_BIN", str(TARGET / "release/emancipasso"))
PATIENCE = 30


def until(what: str, holds, patience: float = PATIENCE):
    """Waits for something to be true and gives it."""
    end = time.monotonic() + patience
    while not (found := holds()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience} s: {what}")
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Instance:
    """A site on SQLite in a folder of its own, in plain http on loopback."""

    def __init__(self, folder: Path, smtp_url: str, **settings: str):
        self.folder = folder
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = folder / "instance.log"
        self._process: subprocess.Popen | None = None
        self.settings = {
            "EMANCIPASSO_PUBLIC_URL": self.origin,
            "EMANCIPASSO_LISTEN": f"127.0.0.1:{self.port}",
            "EMANCIPASSO_DATA_DIR": str(folder / "data"),
            "EMANCIPASSO_SMTP_URL": smtp_url,
            "EMANCIPASSO_MAIL_FROM": "ne-pas-repondre@annonces.example",
            "EMANCIPASSO_INSTANCE_NAME": "Émancip’Asso de l’été",
            **settings,
        }

    def start(self) -> "Instance":
        inherited = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        with self.log.open("a") as log:
            self._process = subprocess.Popen([BINARY, "serve"], env=inherited | self.settings, stdout=log, stderr=log)
        until("the site answers", self._answers)
        return self

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"the site ended: {self.log.read_text()}")
        try:
            return urllib.request.urlopen(f"{self.origin}/readyz", timeout=5).status == 200
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def restart(self, **settings: str) -> None:
        self.stop()
        self.settings |= settings
        self.start()

    def mails(self) -> list[dict]:
        """The rows of the outbox, oldest first."""
        with self._database() as database:
            rows = database.execute("SELECT * FROM mails ORDER BY id")
            names = [column[0] for column in rows.description]
            return [dict(zip(names, row, strict=True)) for row in rows]

    def bring_forward(self) -> None:
        """Makes what waits for its next try due now, as if that time had come."""
        with self._database() as database:
            database.execute("UPDATE mails SET run_at = created_at WHERE done_at IS NULL")

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "data/emancipasso.sqlite", timeout=20)


class Page(HTMLParser):
    """The forms, the words and the links of a page."""

    def __init__(self, status: int, url: str, html: str):
        super().__init__()
        self.status, self.url, self.html = status, url, html
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form":
            self.forms.append((values.get("action", ""), {}))
        elif tag == "input" and self.forms and values.get("type") == "hidden":
            self.forms[-1][1][values["name"]] = values.get("value", "")

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def hidden_fields(self, action: str) -> dict[str, str]:
        return next(fields for at, fields in self.forms if at == action)


class Browser:
    """Keeps cookies, follows redirections, sends forms with their hidden fields."""

    def __init__(self, instance: Instance):
        self._origin = instance.origin
        self.cookies = CookieJar(DefaultCookiePolicy(rfc2965=False))
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies))
        self._opener = urllib.request.build_opener(*handlers)

    def open(self, address: str, fields: dict[str, str] | None = None) -> Page:
        url = urllib.parse.urljoin(self._origin, address)
        body = urllib.parse.urlencode(fields).encode() if fields is not None else None
        request = urllib.request.Request(url, body, {"Accept": "text/html", "Accept-Language": "fr", "Origin": self._origin})
        try:
            answer = self._opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        return Page(answer.status, answer.url, answer.read().decode())

    def submit(self, page: Page, action: str, **typed: str) -> Page:
        return self.open(action, page.hidden_fields(action) | typed)

    def is_signed_in(self) -> bool:
        return any(cookie.name == "session" for cookie in self.cookies)
