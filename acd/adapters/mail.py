"""Mail by the centre's relay: one message to some addresses, with files if there are any.

The library of SMTP blocks, so a message is handed over in a thread, within a deadline. Nothing is
tried again here: whoever sends decides.
"""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from msgspec import Struct

from acd.config.mail_settings import MailSecurity, MailSettings
from acd.errors import MadoguchiError

#: No message of ours is larger.
MAX_BYTES = 20_000_000


class MailFailed(MadoguchiError):
    """The relay did not take a message."""

    code = "mail_failed"
    retryable = True


class Attachment(Struct, frozen=True):
    """A file that goes with a message; ``kind`` is its media type, ``application/pdf``."""

    name: str
    kind: str
    data: bytes


class Mailer:
    """The relay of one centre; ``environ`` is where its password is looked up."""

    def __init__(self, settings: MailSettings, environ: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._environ = environ

    @property
    def there(self) -> bool:
        """Whether there is a relay at all."""
        return bool(self._settings.host)

    async def send(
        self, to: Sequence[str], subject: str, text: str, files: Sequence[Attachment] = ()
    ) -> None:
        """Send one message; raises MailFailed, also when it takes too long."""
        message = self._message(to, subject, text, files)
        try:
            async with asyncio.timeout(self._settings.timeout_s * 3):
                await asyncio.to_thread(self._hand_over, message)
        except TimeoutError as error:
            raise MailFailed("the mail relay does not answer") from error

    def _message(
        self, to: Sequence[str], subject: str, text: str, files: Sequence[Attachment]
    ) -> EmailMessage:
        if not self.there or not to:
            raise MailFailed("no mail relay or no address is configured", code="mail_not_set_up")
        message = EmailMessage()
        try:
            message["From"], message["To"] = self._settings.sender, ", ".join(to)
            message["Subject"] = subject
        except ValueError as error:
            raise MailFailed("a header of the message is not one line") from error
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        for file in files:
            kind, _, subkind = file.kind.partition("/")
            message.add_attachment(file.data, maintype=kind, subtype=subkind, filename=file.name)
        if sum(len(file.data) for file in files) > MAX_BYTES:
            raise MailFailed("the files are too large for a message")
        return message

    def _hand_over(self, message: EmailMessage) -> None:
        settings = self._settings
        secure = settings.security is MailSecurity.TLS
        context = ssl.create_default_context()
        try:
            relay: smtplib.SMTP = (
                smtplib.SMTP_SSL(
                    settings.host, settings.port, timeout=settings.timeout_s, context=context
                )
                if secure
                else smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)
            )
            with relay:
                if settings.security is MailSecurity.STARTTLS:
                    relay.starttls(context=context)
                if settings.username:
                    relay.login(settings.username, self._password())
                relay.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            # What the relay says may quote addresses; the kind of failure is enough.
            raise MailFailed(f"the mail relay failed ({type(error).__name__})") from error

    def _password(self) -> str:
        password = self._environ.get(self._settings.password_variable, "")
        if not password:
            raise MailFailed(
                f"the environment variable {self._settings.password_variable} is not set",
                code="mail_secret_missing",
            )
        return password
