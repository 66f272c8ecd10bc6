"""Mail over TLS and STARTTLS: with a relay whose certificate is trusted, and with no other."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from acd.adapters.certificates import CERTIFICATE, KEY, make_certificate
from acd.adapters.mail import Mailer, MailFailed
from acd.config.mail_settings import MailSecurity, MailSettings
from sim.load.ports import free_ports

TO = ("kanri@city.example.jp",)
SECRET = {"RELAY_PASSWORD": "kagi-123"}

#: The relay that is TLS from the first byte on has no STARTTLS to insist on.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


class Relay:
    """Keeps what it is given, and who signed in."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.signed_in: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.signed_in.append((data.login, data.password))
        return AuthResult(success=data.password == b"kagi-123")


@pytest.fixture(params=[MailSecurity.STARTTLS, MailSecurity.TLS])
def relay(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Relay, MailSettings, Path]]:
    """A relay with a certificate of its own making, by both ways of encryption."""
    make_certificate(tmp_path, ["localhost", "127.0.0.1"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / CERTIFICATE, tmp_path / KEY)
    held, port = Relay(), free_ports(1)[0]
    whole = request.param is MailSecurity.TLS
    controller = Controller(
        held,
        hostname="127.0.0.1",
        port=port,
        ssl_context=context if whole else None,
        tls_context=None if whole else context,
        require_starttls=not whole,
        authenticator=held.authenticate,
        auth_required=True,
        auth_require_tls=not whole,
    )
    controller.start()
    settings = MailSettings(
        host="localhost",
        port=port,
        security=request.param,
        username="madoguchi",
        password_variable="RELAY_PASSWORD",
        sender="m@city.example.jp",
        timeout_s=3.0,
    )
    yield held, settings, tmp_path / CERTIFICATE
    controller.stop()


async def test_mail_goes_encrypted_and_with_the_password(
    relay: tuple[Relay, MailSettings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, settings, certificate = relay
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await Mailer(settings, SECRET).send(TO, "日報", "添付のとおりです。")
    assert held.signed_in == [(b"madoguchi", b"kagi-123")]
    assert len(held.taken) == 1


async def test_a_wrong_password_is_a_failure_that_does_not_tell_it(
    relay: tuple[Relay, MailSettings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, settings, certificate = relay
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(MailFailed) as failed:
        await Mailer(settings, {"RELAY_PASSWORD": "ayamari"}).send(TO, "日報", "x")
    assert "ayamari" not in failed.value.message
    assert held.taken == []


async def test_a_relay_that_nobody_vouches_for_gets_neither_password_nor_mail(
    relay: tuple[Relay, MailSettings, Path],
) -> None:
    held, settings, _ = relay
    with pytest.raises(MailFailed, match="SSLCertVerificationError"):
        await Mailer(settings, SECRET).send(TO, "日報", "x")
    assert (held.signed_in, held.taken) == ([], [])


async def test_a_certificate_of_another_name_is_not_the_relays(
    relay: tuple[Relay, MailSettings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, settings, certificate = relay
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    other = settings.model_copy(update={"host": "127.0.0.2"})
    with pytest.raises(MailFailed):
        await Mailer(other, SECRET).send(TO, "日報", "x")
    assert (held.signed_in, held.taken) == ([], [])
