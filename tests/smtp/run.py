"""The mails of the binary, seen from a real mail server and read with Python's own parser."""

import json
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime, timedelta, timezone
from email import policy
from email.parser import Parser
from html.parser import HTMLParser
from pathlib import Path

import server
from instance import BINARY, Browser, Instance, Page, until

CAMILLE = "camille@asso.example"
ACCOUNT = ("service", "s3cret/mot")
MINUTE = 60_000_000  # in microseconds, as the database keeps time


class Story(unittest.TestCase):
    """A mail server, and a site that sends its mails through it."""

    script: dict[str, list[str]] = {}
    account: tuple[str, str] | None = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.starttls, self.tls, self.ca = server.start(self.folder, self.script, self.account)
        for listener in (self.starttls, self.tls):
            self.addCleanup(listener.stop)
        self.instance = None

    def url(self, secrets: str = "") -> str:
        return f"smtp://{secrets}localhost:{self.starttls.port}?tls=required"

    def start(self, smtp_url: str | None = None, **settings: str) -> Instance:
        settings = settings or {"SSL_CERT_FILE": str(self.ca)}
        self.instance = Instance(self.folder, smtp_url or self.url(), **settings)
        self.addCleanup(self.instance.stop)
        return self.instance.start()

    def events(self, kind: str) -> list[dict]:
        path = self.folder / "mails.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def received(self, count: int) -> list[dict]:
        until(f"{count} mails have arrived", lambda: len(self.events("received")) >= count)
        return self.events("received")

    def ask_link(self, email: str, browser: Browser | None = None) -> Page:
        browser = browser or Browser(self.instance)
        return browser.submit(browser.open("/connexion"), "/connexion", email=email)

    def sign_in(self, email: str, name: str) -> Browser:
        """Somebody new, by the link in their mail."""
        browser, before = Browser(self.instance), len(self.events("received"))
        self.ask_link(email, browser)
        page = browser.open(link_of(self.received(before + 1)[-1]))
        self.assertEqual(page.status, 200)
        welcome = browser.submit(page, "/connexion/lien", name=name, behalf="moi-meme")
        self.assertEqual(welcome.status, 200, welcome.text)
        self.assertTrue(browser.is_signed_in())
        return browser

    def waits_for_another_try(self) -> dict:
        """The mail that was tried once and is to be tried again in about a minute."""
        mail = until("a try was recorded", lambda: [it for it in self.instance.mails() if it["detail"]])[-1]
        self.assertIsNone(mail["done_at"])
        delay = mail["run_at"] - mail["created_at"]
        self.assertTrue(MINUTE <= delay < 1.5 * MINUTE, delay)
        return mail


class Links(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.found.append(dict(attributes)["href"])


def link_of(mail: dict) -> str:
    return next(link for link in re.findall(r"https?://\S+", mail["text"]) if "jeton=" in link)


class ByStarttls(Story):
    account = ACCOUNT

    def test_a_link_arrives_well_written_and_signs_in_once(self):
        instance = self.start(self.url("service:s3cret%2Fmot@"))
        started = datetime.now(timezone.utc).replace(microsecond=0)
        browser = self.sign_in(CAMILLE, "Camille")
        [mail] = self.received(1)
        self.assertEqual(mail["user"], "service")
        self.assertTrue(mail["tls"].startswith("TLSv1."))
        self.assertEqual(mail["recipients"], [CAMILLE])
        self.assertEqual(mail["sender"], "ne-pas-repondre@annonces.example")
        self.assertEqual(mail["defects"], [])

        headers = Parser(policy=policy.default).parsestr(mail["raw"])
        [sender] = headers["From"].addresses
        self.assertEqual((sender.display_name, sender.addr_spec), ("Émancip’Asso de l’été", "ne-pas-repondre@annonces.example"))
        self.assertEqual([address.addr_spec for address in headers["To"].addresses], [CAMILLE])
        self.assertEqual(headers["Subject"], "Votre lien de connexion")
        self.assertLess(abs(headers["Date"].datetime - started), timedelta(minutes=1))
        self.assertRegex(headers["Message-ID"], r"^<\d+\.[0-9a-f]+@\[127\.0\.0\.1\]>$")
        self.assertEqual(headers["Auto-Submitted"], "auto-generated")
        self.assertEqual(headers.get_content_type(), "multipart/alternative")
        self.assertEqual([part.get_content_type() for part in headers.iter_parts()], ["text/plain", "text/html"])
        self.assertLessEqual(max(map(len, mail["raw"].splitlines())), 998)
        self.assertTrue(mail["raw"].isascii())
        for once in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
            self.assertEqual(len(headers.get_all(once)), 1, once)

        self.assertIn("Émancip’Asso de l’été", mail["text"])
        links = Links(mail["html"]).found
        self.assertIn(link_of(mail), links)
        for link in links:
            self.assertTrue(link.startswith(instance.origin), link)
            self.assertEqual(Browser(instance).open(link).status, 200 if "jeton" not in link else 410)

        self.assertEqual(browser.open("/compte").url, f"{instance.origin}/compte")
        again = Browser(instance)
        again.open(link_of(mail))
        self.assertFalse(again.is_signed_in(), "a link serves once")

    def test_a_wrong_password_loses_no_mail(self):
        self.start(self.url("service:faux@"))
        self.ask_link(CAMILLE)
        self.assertIn("535", self.waits_for_another_try()["detail"])
        self.assertEqual(self.events("received"), [])
        self.instance.bring_forward()
        self.instance.restart(EMANCIPASSO_SMTP_URL=self.url("service:s3cret%2Fmot@"))
        self.assertEqual(self.received(1)[0]["recipients"], [CAMILLE])
        self.assertNotIn("faux", self.instance.log.read_text())


class ByImplicitTls(Story):
    def test_the_authority_of_the_settings_is_trusted(self):
        url = f"smtps://localhost:{self.tls.port}"
        self.start(url, EMANCIPASSO_FEDERATION_EXTRA_CA_FILE=str(self.ca))
        self.sign_in(CAMILLE, "Camille")
        self.assertTrue(self.received(1)[0]["tls"].startswith("TLSv1."))

    def test_the_authority_of_the_machine_is_trusted(self):
        self.start(f"smtps://localhost:{self.tls.port}")
        self.sign_in(CAMILLE, "Camille")

    def test_a_server_of_an_unknown_authority_gets_nothing(self):
        for url in (self.url(), f"smtps://localhost:{self.tls.port}"):
            with self.subTest(url):
                if self.instance:
                    self.instance.restart(EMANCIPASSO_SMTP_URL=url)
                    self.instance.bring_forward()
                else:
                    self.start(url, EMANCIPASSO_LOG="info")
                    self.ask_link(CAMILLE)
                tries = 1 if "required" in url else 2
                until("it was tried", lambda: self.instance.mails()[0]["attempts"] == tries and self.instance.mails()[0]["locked_until"] is None)
                self.assertRegex(self.instance.mails()[0]["detail"], "(?i)certificate")
                self.assertEqual(self.events("received"), [])


class WithoutTls(Story):
    def test_no_password_leaves_in_clear(self):
        settings = {"EMANCIPASSO_PUBLIC_URL": "http://127.0.0.1:1", "EMANCIPASSO_DATA_DIR": str(self.folder / "data")}
        for url in ("smtp://service:mot@mail.example", "smtp://service:mot@mail.example?tls=opportunistic"):
            started = subprocess.run([BINARY, "serve"], env=settings | {"EMANCIPASSO_SMTP_URL": url}, capture_output=True, text=True, timeout=20)
            self.assertEqual(started.returncode, 2)
            self.assertIn("smtp_url", started.stderr)
            self.assertNotIn("service:mot", started.stderr)
        self.assertFalse((self.folder / "data").exists(), "nothing is created")


class WhenTheServerIsBusy(Story):
    script = {CAMILLE: ["450 4.2.2 Mailbox full", "250 2.1.5 OK"]}

    def test_the_mail_is_tried_again_later_even_by_another_process(self):
        self.start()
        self.ask_link(CAMILLE)
        waiting = self.waits_for_another_try()
        self.assertIn("450", waiting["detail"])
        self.instance.restart()
        self.ask_link("dominique@asso.example")
        self.assertEqual(self.received(1)[0]["recipients"], ["dominique@asso.example"], "the first waits for its time")
        self.instance.bring_forward()
        self.assertEqual(self.received(2)[1]["recipients"], [CAMILLE])
        done = until("it is recorded", lambda: self.instance.mails()[0]["done_at"] and self.instance.mails()[0])
        self.assertEqual((done["outcome"], done["attempts"]), ("sent", 2))
        self.assertEqual(len(self.events("refused")), 1)


class WhenTheAddressIsDead(Story):
    script = {CAMILLE: ["250 2.1.5 OK", "550 5.1.1 No such user"]}

    def test_it_is_not_tried_again_and_those_who_administer_are_told(self):
        self.start()
        browser = self.sign_in(CAMILLE, "Camille")
        form = browser.open("/compte/organisations/nouvelle?type=association")
        typed = {"name": "Les Amis du vélo", "legal_form": "association-1901", "postal_code": "69001"}
        browser.submit(form, "/compte/organisations/nouvelle", **typed)
        members = "/compte/organisations/les-amis-du-velo/membres"
        told = "Son adresse refuse nos messages"
        self.assertNotIn(told, browser.open(members).text)

        self.ask_link(CAMILLE)
        refused = until("the refusal is recorded", lambda: [it for it in self.instance.mails() if it["outcome"] == "refused"])
        self.assertIn("550", refused[0]["detail"])
        self.assertIn(told, browser.open(members).text)
        self.assertIn("550", self.instance.log.read_text())

        self.instance.restart()
        self.instance.bring_forward()
        self.ask_link("dominique@asso.example")
        self.received(2)
        self.assertEqual(len(self.events("refused")), 1)


class WhenTheServerHangsUp(Story):
    script = {
        CAMILLE: ["hang up", "250 2.1.5 OK"],
        "dominique@asso.example": ["keep and hang up", "250 2.1.5 OK"],
    }

    def test_in_the_middle_of_a_mail_it_arrives_once(self):
        self.start()
        self.ask_link(CAMILLE)
        self.waits_for_another_try()
        self.assertEqual(self.events("received"), [])
        self.instance.bring_forward()
        self.received(1)
        until("it is recorded", lambda: self.instance.mails()[0]["outcome"] == "sent")
        self.instance.restart()
        self.ask_link("claude@asso.example")
        self.assertEqual([mail["recipients"] for mail in self.received(2)], [[CAMILLE], ["claude@asso.example"]])

    def test_before_it_says_that_it_kept_the_mail_the_second_copy_is_recognised(self):
        self.start()
        self.ask_link("dominique@asso.example")
        self.waits_for_another_try()
        self.instance.bring_forward()
        first, second = self.received(2)
        self.assertEqual(first["headers"]["Message-ID"], second["headers"]["Message-ID"])
        self.assertEqual((first["text"], first["html"]), (second["text"], second["html"]))


class WhenTheProcessIsKilled(Story):
    script = {CAMILLE: ["say nothing", "250 2.1.5 OK"]}

    def test_the_mail_it_was_sending_leaves_as_soon_as_it_is_back(self):
        self.start()
        self.ask_link(CAMILLE)
        until("the mail is being sent", lambda: self.events("say nothing"))
        self.instance.stop(signal.SIGKILL)
        self.assertIsNotNone(self.instance.mails()[0]["locked_until"])
        self.instance.start()
        self.assertEqual(self.received(1)[0]["recipients"], [CAMILLE])


class WhatPeopleType(Story):
    def test_nobody_adds_a_header_or_a_recipient(self):
        self.start(EMANCIPASSO_INSTANCE_NAME="Annonces\r\nBcc: pirate@example.org", SSL_CERT_FILE=str(self.ca))
        for hostile in (
            "camille@asso.example\r\nBcc: pirate@example.org",
            "camille@asso.example, pirate@example.org",
            "camille@asso.example>\r\nRCPT TO:<pirate@example.org",
            '"a\r\nBcc: pirate@example.org"@asso.example',
        ):
            self.assertEqual(self.ask_link(hostile).status, 422, hostile)
        self.assertEqual(self.instance.mails(), [])

        name = "Zoé\r\nBcc: pirate@example.org\r\n\r\nCorps"
        browser = self.sign_in(CAMILLE, name)
        form = browser.open("/compte/organisations/nouvelle?type=association")
        typed = {"name": "Les Amis", "legal_form": "association-1901", "postal_code": "69001"}
        browser.submit(form, "/compte/organisations/nouvelle", **typed)
        members = "/compte/organisations/les-amis/membres"
        sent = browser.submit(browser.open(members), members, email="sacha@asso.example", role="editor")
        self.assertEqual(sent.status, 200)
        for mail in self.received(2):
            self.assertEqual(len(mail["recipients"]), 1)
            headers = Parser(policy=policy.default).parsestr(mail["raw"])
            self.assertNotIn("Bcc", headers)
            self.assertEqual([part.get_content_type() for part in headers.iter_parts()], ["text/plain", "text/html"])
            self.assertEqual(len(headers["From"].addresses), 1)
            self.assertEqual(headers["From"].addresses[0].addr_spec, "ne-pas-repondre@annonces.example")
        self.assertIn("Zoé Bcc: pirate@example.org Corps", headers["Subject"])


if __name__ == "__main__":
    server.be_quiet()
    print(f"the binary is {BINARY}", flush=True)
    result = unittest.main(exit=False, verbosity=2, warnings="ignore").result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not result.testsRun else 0)
