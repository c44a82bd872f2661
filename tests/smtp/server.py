"""A mail server for tests: STARTTLS on one port, TLS from the first byte on another, answers by script.

    python server.py --folder DIR [--script script.json] [--user NAME --password WORD]

`DIR` receives the certificate authority (`ca.pem`, to be named in SSL_CERT_FILE), the server's certificate for
localhost and 127.0.0.1, and `mails.jsonl`, one line for each thing that happened. One line of JSON on stdout
says where it listens: {"starttls": 40001, "tls": 40002, "ca": "DIR/ca.pem"}. It ends with SIGTERM.

The script gives, for an address, the answers to its next RCPT commands, in order; the last one stays:

    {"plein@example.org": ["450 4.2.2 Mailbox full", "250 2.1.5 OK"], "inconnu@example.org": ["550 5.1.1 No such user"]}

Three more words take the recipient, then misbehave: "hang up" in the middle of the mail, "keep and hang up" when
the mail is kept but before it is said, "say nothing" once the mail is announced.
"""

import argparse
import asyncio
import json
import logging
import signal
import ssl
import subprocess
import sys
import threading
import warnings
from datetime import datetime, timezone
from email import policy
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

HOST = "127.0.0.1"
OK = "250 2.1.5 OK"
HANG_UP, KEEP_AND_HANG_UP, SAY_NOTHING = "hang up", "keep and hang up", "say nothing"


class Journal:
    """Writes one JSON line for each thing that happened."""

    def __init__(self, path: Path):
        self._path = path
        self._lock = threading.Lock()

    def write(self, **event) -> None:
        event["at"] = datetime.now(timezone.utc).isoformat()
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")


class ScriptedHandler:
    """Answers RCPT as the script says and keeps what is accepted."""

    def __init__(self, journal: Journal, script: dict[str, list[str]]):
        self._journal = journal
        self._answers = {address: list(answers) for address, answers in script.items()}

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        answers = self._answers.get(address, [OK])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        session.manner = None
        if answer in (HANG_UP, KEEP_AND_HANG_UP, SAY_NOTHING):
            session.manner, answer = answer, OK
            self._journal.write(event=session.manner, to=address)
        if not answer.startswith("250"):
            self._journal.write(event="refused", to=address, answer=answer)
            return answer
        envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        connection = server.transport.get_extra_info("ssl_object")
        self._journal.write(
            event="received",
            tls=connection.version() if connection else None,
            user=getattr(session.auth_data, "login", b"").decode() or None,
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            **read_message(envelope.original_content),
        )
        if session.manner == KEEP_AND_HANG_UP:
            server.transport.abort()
        return "250 2.0.0 Kept"


def read_message(content: bytes) -> dict:
    """The parts of a mail that tests look at, decoded."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    bodies = {
        kind: part.get_content() if (part := message.get_body((kind,))) else None
        for kind in ("plain", "html")
    }
    return {
        "headers": {name: str(value) for name, value in message.items()},
        "raw": content.decode("ascii", "backslashreplace"),
        "text": bodies["plain"],
        "html": bodies["html"],
        "defects": [repr(defect) for defect in message.defects],
    }


def make_certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate authority of one day, and a server certificate that it signed."""
    ca, key, request, certificate = (folder / name for name in ("ca.pem", "server.key", "server.csr", "server.pem"))
    names = folder / "names.cnf"
    names.write_text(f"subjectAltName=DNS:localhost,IP:{HOST}\nextendedKeyUsage=serverAuth\n")
    for command in (
        f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=Test-CA -keyout {folder}/ca.key -out {ca}"
        " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign",
        f"req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout {key} -out {request}",
        f"x509 -req -in {request} -CA {ca} -CAkey {folder}/ca.key -CAcreateserial -days 1 -extfile {names} -out {certificate}",
    ):
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return ca, context


class MoodySMTP(SMTP):
    """What the script asks for in the middle of a mail."""

    async def smtp_DATA(self, arg):
        manner = getattr(self.session, "manner", None)
        if manner not in (HANG_UP, SAY_NOTHING):
            return await super().smtp_DATA(arg)
        await self.push("354 Go on")
        if manner == HANG_UP:
            await self._reader.readline()
            self.transport.abort()
        # Nothing more is read or said; this ends with the connection.
        await asyncio.Event().wait()


class ListeningController(Controller):
    """A controller on a free port, with what SMTP is to know at each connection."""

    def __init__(self, handler, *, smtp: dict, **kwargs):
        self._smtp = smtp
        super().__init__(handler, hostname=HOST, port=0, **kwargs)

    def factory(self):
        return MoodySMTP(self.handler, hostname="localhost", enable_SMTPUTF8=True, **self._smtp)

    def _trigger_server(self):
        # The parent knocks on the port that it was given; ours is known only now.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def start(folder: Path, script: dict[str, list[str]], account: tuple[str, str] | None = None):
    """Starts both listeners; returns them with the path of the certificate authority."""
    ca, context = make_certificates(folder)
    handler = ScriptedHandler(Journal(folder / "mails.jsonl"), script)
    smtp = {}
    if account:
        expected = tuple(word.encode() for word in account)

        def authenticate(server, session, envelope, mechanism, given):
            is_right = (given.login, given.password) == expected
            return AuthResult(success=is_right, auth_data=given if is_right else None, handled=False)

        smtp = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": True}
    starttls = ListeningController(handler, smtp={**smtp, "tls_context": context, "require_starttls": True})
    # aiosmtpd knows TLS only as STARTTLS: where the socket is TLS already, it must not ask for it again.
    implicit = ListeningController(handler, smtp={**smtp, "auth_require_tls": False}, ssl_context=context)
    for controller in (starttls, implicit):
        controller.start()
    return starttls, implicit, ca


def be_quiet() -> None:
    """What goes wrong is what tests provoke; they read it from the journal and from their own side."""
    logging.getLogger("mail").setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module="aiosmtpd")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--user")
    parser.add_argument("--password")
    arguments = parser.parse_args()
    be_quiet()
    script = json.loads(arguments.script.read_text(encoding="utf-8")) if arguments.script else {}
    account = (arguments.user, arguments.password) if arguments.user else None
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    starttls, implicit, ca = start(arguments.folder, script, account)
    json.dump({"starttls": starttls.port, "tls": implicit.port, "ca": str(ca)}, sys.stdout)
    print(flush=True)
    stopped.wait()
    for controller in (starttls, implicit):
        controller.stop()


if __name__ == "__main__":
    main()
