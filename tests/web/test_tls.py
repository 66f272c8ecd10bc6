"""TLS by configuration: a self-made certificate, safe cookies, one that is renewed while we run."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
import pytest

from acd.adapters.certificates import CERTIFICATE, KEY, Certificate, make_certificate
from acd.bootstrap.tls import certificate_of
from acd.config import load_settings
from acd.config.people_settings import TlsSettings
from acd.errors import ConfigError
from sim.load.ports import free_ports
from tests.fakes.centre import CENTRE
from tests.web.client import Api
from tests.web.people_kit import PASSWORD, add
from web.server import Server

NAMES = ["localhost", "127.0.0.1"]


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / CERTIFICATE))


@pytest.mark.requirement("M23")
async def test_browsers_speak_tls_and_get_a_cookie_for_this_host_alone(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    make_certificate(tmp_path / "tls", NAMES)
    settings = TlsSettings(
        certificate=str(tmp_path / "tls" / CERTIFICATE), key=str(tmp_path / "tls" / KEY)
    )
    certificate = certificate_of(settings)
    assert certificate is not None
    await add(api, "ada")
    wiring = api.server._wiring
    wiring.entrance.__dict__["tls"] = True
    wiring.__dict__["settings"] = wiring.settings.model_copy(update={"port": port})
    runner = await Server(wiring).start(certificate.context)
    try:
        base = f"https://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as session:
            async with session.post(
                f"{base}/api/session",
                json={"user": "ada", "password": PASSWORD},
                headers={"Origin": base},
                ssl=trusting(tmp_path / "tls"),
            ) as answer:
                assert answer.status == 200
                cookie = answer.headers["Set-Cookie"]
                assert cookie.startswith("__Host-madoguchi=")
                assert "Secure" in cookie
                assert answer.headers["Strict-Transport-Security"].startswith("max-age=15552000")
            async with session.get(
                f"{base}/api/session",
                headers={"Cookie": cookie.partition(";")[0]},
                ssl=trusting(tmp_path / "tls"),
            ) as answer:
                assert answer.status == 200
            with pytest.raises(aiohttp.ClientError):
                await session.get(f"{base}/healthz", ssl=trusting_nobody())
            with pytest.raises(aiohttp.ClientError):
                await session.get(f"http://127.0.0.1:{port}/healthz")
    finally:
        await runner.cleanup()


def trusting_nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def test_a_renewed_certificate_is_taken_over_and_a_broken_one_is_not(tmp_path: Path) -> None:
    make_certificate(tmp_path, NAMES)
    certificate = Certificate(tmp_path / CERTIFICATE, tmp_path / KEY)
    assert not certificate.refresh()
    make_certificate(tmp_path, NAMES)
    assert certificate.refresh()
    (tmp_path / CERTIFICATE).write_text("nonsense")
    with pytest.raises(ConfigError):
        certificate.refresh()
    (tmp_path / KEY).unlink()
    with pytest.raises(ConfigError):
        Certificate(tmp_path / CERTIFICATE, tmp_path / KEY)


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    fingerprint = make_certificate(
        tmp_path / "tls", ["窓口.example".encode("idna").decode(), *NAMES]
    )
    assert len(fingerprint.split(":")) == 32
    assert (tmp_path / "tls" / KEY).stat().st_mode & 0o777 == 0o600


def centre_with(tmp_path: Path, text: str) -> Path:
    for name in ("plan.toml", "calendars.toml"):
        (tmp_path / name).write_text((CENTRE / name).read_text())
    (tmp_path / "settings.toml").write_text(text)
    return tmp_path


@pytest.mark.requirement("M23")
@pytest.mark.parametrize("bind", ["0.0.0.0", "192.0.2.1", "::", "city.example"])
def test_other_machines_are_not_served_in_the_clear(tmp_path: Path, bind: str) -> None:
    with pytest.raises(ConfigError, match=r"settings\.toml:api\.bind"):
        load_settings(centre_with(tmp_path, f'[api]\nbind = "{bind}"\n'))


def test_with_a_certificate_or_a_proxy_they_are(tmp_path: Path) -> None:
    proxy = '[api]\nbind = "0.0.0.0"\n[tls]\nproxy = true\n'
    assert load_settings(centre_with(tmp_path, proxy)).tls.on
    own = '[api]\nbind = "0.0.0.0"\n[tls]\ncertificate = "c.pem"\nkey = "k.pem"\n'
    settings = load_settings(centre_with(tmp_path, own))
    assert settings.tls.certificate == str(tmp_path / "c.pem")
    with pytest.raises(ConfigError, match="belong together"):
        load_settings(centre_with(tmp_path, '[tls]\ncertificate = "c.pem"\n'))
