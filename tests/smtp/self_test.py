"""The mail server for tests, tried with Python's own client before anything else relies on it."""

import json
import smtplib
import ssl
import subprocess
import sys
import tempfile
import unittest
from email.message import EmailMessage
from pathlib import Path

SCRIPT = {
    "plein@example.org": ["450 4.2.2 Mailbox full", "250 2.1.5 OK"],
    "inconnu@example.org": ["550 5.1.1 No such user"],
}


class MailServer(unittest.TestCase):
    account: tuple[str, str] | None = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        script = self.folder / "script.json"
        script.write_text(json.dumps(SCRIPT))
        command = [sys.executable, Path(__file__).with_name("server.py"), "--folder", self.folder, "--script", script]
        if self.account:
            command += ["--user", self.account[0], "--password", self.account[1]]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.where = json.loads(self.server.stdout.readline())
        self.context = ssl.create_default_context(cafile=self.where["ca"])

    def stop(self):
        self.server.terminate()
        self.assertEqual(self.server.wait(10), 0)
        self.server.stdout.close()

    def connect_starttls(self) -> smtplib.SMTP:
        client = smtplib.SMTP("localhost", self.where["starttls"])
        self.addCleanup(client.close)
        client.starttls(context=self.context)
        return client

    def events(self) -> list[dict]:
        return [json.loads(line) for line in (self.folder / "mails.jsonl").read_text().splitlines()]

    @staticmethod
    def mail(to: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = "ne-pas-repondre@example.org", to
        message["Subject"] = "Votre annonce est publiée"
        message.set_content("Voilà : c’est fait.")
        message.add_alternative("<p>Voilà : c’est fait.</p>", subtype="html")
        return message


class OpenServer(MailServer):
    def test_keeps_what_arrives_by_starttls_and_by_tls(self):
        self.connect_starttls().send_message(self.mail("camille@example.org"))
        with smtplib.SMTP_SSL("localhost", self.where["tls"], context=self.context) as client:
            client.send_message(self.mail("dominique@example.org"))
        for event, recipient in zip(self.events(), ["camille@example.org", "dominique@example.org"], strict=True):
            self.assertEqual(event["recipients"], [recipient])
            self.assertEqual(event["headers"]["Subject"], "Votre annonce est publiée")
            self.assertEqual(event["text"].strip(), "Voilà : c’est fait.")
            self.assertIn("<p>", event["html"])
            self.assertTrue(event["tls"].startswith("TLSv1."))
            self.assertEqual(event["defects"], [])

    def test_refuses_to_take_mail_in_clear(self):
        with smtplib.SMTP("localhost", self.where["starttls"]) as client:
            with self.assertRaises(smtplib.SMTPException) as raised:
                client.send_message(self.mail("camille@example.org"))
        self.assertEqual(raised.exception.smtp_code, 530)

    def test_is_not_trusted_without_its_authority(self):
        with smtplib.SMTP("localhost", self.where["starttls"]) as client:
            with self.assertRaises(ssl.SSLCertVerificationError):
                client.starttls(context=ssl.create_default_context())

    def test_answers_as_the_script_says(self):
        client = self.connect_starttls()
        for address, code in [("plein@example.org", 450), ("inconnu@example.org", 550), ("inconnu@example.org", 550)]:
            with self.assertRaises(smtplib.SMTPRecipientsRefused) as raised:
                client.send_message(self.mail(address))
            self.assertEqual(raised.exception.recipients[address][0], code)
        client.send_message(self.mail("plein@example.org"))
        self.assertEqual([event["event"] for event in self.events()], ["refused"] * 3 + ["received"])


class LockedServer(MailServer):
    account = ("service", "s3cret/mot")

    def test_asks_for_the_account_on_both_ports(self):
        implicit = smtplib.SMTP_SSL("localhost", self.where["tls"], context=self.context)
        self.addCleanup(implicit.close)
        for client in (self.connect_starttls(), implicit):
            with self.assertRaises(smtplib.SMTPException):
                client.send_message(self.mail("camille@example.org"))
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                client.login("service", "wrong")
            client.login(*self.account)
            client.send_message(self.mail("camille@example.org"))
        self.assertEqual([event["user"] for event in self.events()], ["service", "service"])


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not result.testsRun else 0)
