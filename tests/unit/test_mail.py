"""Mail reaches a relay whole, and a relay in trouble is no more than a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import ValidationError

from acd.adapters.alarm_channels import MailChannel
from acd.adapters.mail import Attachment, Mailer, MailFailed
from acd.config.alarm_settings import AlarmMailSettings
from acd.config.mail_settings import MailSecurity, MailSettings
from acd.ports_watch import AlarmNotice
from sim.load.ports import free_ports

TO = ("kanri@city.example.jp", "it@city.example.jp")


class Relay:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = cast(bytes, envelope.content)
        message = message_from_bytes(content, policy=policy.default)
        self.taken.append((list(envelope.rcpt_tos), message))
        return "250 taken"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 ok"


@pytest.fixture
def relay() -> Iterator[tuple[Relay, MailSettings]]:
    held = Relay()
    port = free_ports(1)[0]
    controller = Controller(held, hostname="127.0.0.1", port=port)
    controller.start()
    settings = MailSettings(
        host="127.0.0.1", port=port, security=MailSecurity.NONE, sender="m@city.example.jp"
    )
    yield held, settings
    controller.stop()


async def test_words_and_files_arrive_as_they_were(relay: tuple[Relay, MailSettings]) -> None:
    held, settings = relay
    file = Attachment("日報.csv", "text/csv", "窓口,件数\n".encode())
    await Mailer(settings).send(TO, "【警報】税の窓口", "待ちが300秒になりました。", [file])
    to, message = held.taken[0]
    assert to == list(TO)
    assert message["Subject"] == "【警報】税の窓口"
    body = message.get_body()
    assert body is not None
    assert body.get_content().strip() == "待ちが300秒になりました。"
    (kept,) = message.iter_attachments()
    assert (kept.get_filename(), kept.get_payload(decode=True)) == (file.name, file.data)


async def test_an_alarm_by_mail_says_it_in_both_languages(
    relay: tuple[Relay, MailSettings],
) -> None:
    held, settings = relay
    channel = MailChannel(AlarmMailSettings(to=TO), Mailer(settings))
    await channel.send(AlarmNotice("warning", "[m] 警報", "[m] alarm", "警報。", "Alarm.", b"{}"))
    _, message = held.taken[0]
    assert message["Subject"] == "[m] 警報 / Alarm."
    assert message["Auto-Submitted"] == "auto-generated"


async def test_a_header_cannot_be_broken_into_two(relay: tuple[Relay, MailSettings]) -> None:
    held, settings = relay
    with pytest.raises(MailFailed):
        await Mailer(settings).send(TO, "x\r\nBcc: other@example.jp", "text")
    assert held.taken == []


async def test_a_relay_that_refuses_is_a_failure(relay: tuple[Relay, MailSettings]) -> None:
    with pytest.raises(MailFailed, match="SMTPRecipientsRefused") as failed:
        await Mailer(relay[1]).send(["nobody@city.example.jp"], "x", "y")
    assert "nobody" not in failed.value.message


async def test_a_relay_that_says_nothing_is_a_failure_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = MailSettings(
            host="127.0.0.1", port=port, security=MailSecurity.NONE, timeout_s=0.2
        )
        with pytest.raises(MailFailed):
            await Mailer(settings).send(TO, "x", "y")


async def test_a_relay_that_offers_no_encryption_gets_nothing(
    relay: tuple[Relay, MailSettings],
) -> None:
    settings = relay[1].model_copy(update={"security": MailSecurity.STARTTLS})
    with pytest.raises(MailFailed):
        await Mailer(settings).send(TO, "x", "y")
    assert relay[0].taken == []


async def test_without_a_relay_or_a_password_nothing_is_tried() -> None:
    with pytest.raises(MailFailed) as failed:
        await Mailer(MailSettings()).send(TO, "x", "y")
    assert failed.value.code == "mail_not_set_up"
    with pytest.raises(ValidationError):
        MailSettings(username="m", password_variable="P", security=MailSecurity.NONE)
