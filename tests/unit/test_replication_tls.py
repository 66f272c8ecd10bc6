"""The stream of state over TLS: whose certificate it is, is proved by the secret of the cluster."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from acd.adapters.replication.channel import call
from acd.adapters.replication.leader_side import LeaderSide
from acd.adapters.replication.standby_side import StandbySide
from acd.adapters.replication.tail import Tail
from acd.bootstrap.cluster.parts import leaders_tls, standbys_tls
from acd.config.people_settings import TlsSettings
from acd.config.settings import Settings
from acd.errors import Refused, StoreUnavailable
from tests.unit.test_replication import HOST, SECRET, Kept, Leading, Log, frames, until


class Speaks(NamedTuple):
    """What a leader and its standbys have from the settings."""

    leader: ssl.SSLContext | None
    binding: bytes
    standby: ssl.SSLContext | None


def speaks(folder: Path, *, valid_days: int = 30) -> Speaks:
    """TLS as the settings of a controller with a certificate give it; negative: it has expired."""
    folder.mkdir()
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "calls.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=60))
        .not_valid_after(now + dt.timedelta(days=valid_days))
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    tls = TlsSettings(certificate=str(files[0]), key=str(files[1]))
    settings = Settings.model_construct(tls=tls)
    ours = leaders_tls(settings)
    seen = made.public_bytes(serialization.Encoding.DER)
    assert ours.binding == hashlib.sha256(seen).digest()
    return Speaks(ours.context, ours.binding, standbys_tls(settings))


PLAIN = Speaks(None, b"", None)


@contextlib.asynccontextmanager
async def leading(tls: Speaks) -> AsyncIterator[int]:
    """A leader; its port."""
    tail = Tail(Log(), 1_000_000)
    tail.append(frames(1, 5))
    side = LeaderSide("a", SECRET, tail, Leading(tail), tls.leader, tls.binding)
    try:
        yield await side.listen(HOST, 0)
    finally:
        await side.close()


async def follows(port: int, tls: Speaks) -> None:
    """Return when a standby follows who leads at ``port``."""
    kept = Kept()
    side = StandbySide("b", SECRET, {"a": (HOST, port)}, kept, context=tls.standby)
    following = asyncio.create_task(side.run())
    try:
        await until(lambda: kept.begun and side.leader == "a")
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_standby_follows_over_tls_whoever_signed_the_certificate(tmp_path: Path) -> None:
    tls = speaks(tmp_path / "a")
    async with leading(tls) as port:
        await follows(port, tls)


async def test_a_certificate_that_has_expired_costs_nobody_the_standby(tmp_path: Path) -> None:
    """A forgotten renewal must not take the second controller away as well: what it proves here
    is that nobody stands in between, and for that its date does not count."""
    tls = speaks(tmp_path / "a", valid_days=-1)
    async with leading(tls) as port:
        await follows(port, tls)


async def test_whoever_stands_in_between_with_another_certificate_is_found_out(
    tmp_path: Path,
) -> None:
    real, other = speaks(tmp_path / "real"), speaks(tmp_path / "other")
    passed: list[bytes] = []

    async with leading(real) as port:

        async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            """Ends the TLS of both sides and passes on what they say."""
            there, back = await asyncio.open_connection(HOST, port, ssl=real.standby)

            async def carry(from_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
                with contextlib.suppress(OSError):
                    while data := await from_.read(65_536):
                        passed.append(data)
                        to.write(data)
                to.transport.abort()

            await asyncio.gather(carry(reader, back), carry(there, writer))

        proxy = await asyncio.start_server(between, HOST, 0, ssl=other.leader)
        async with proxy:
            with pytest.raises(Refused) as found:
                await call(
                    HOST, proxy.sockets[0].getsockname()[1], "b", SECRET, context=real.standby
                )
    assert found.value.code == "stream_secret_wrong"
    assert "in between" in found.value.message
    assert not any(b"engine" in data for data in passed), "it was told nothing of the centre"


@pytest.mark.parametrize("with_certificate", ["leader", "standby"])
async def test_a_certificate_on_one_side_only_is_said_in_so_many_words(
    tmp_path: Path, with_certificate: str
) -> None:
    tls = speaks(tmp_path / "a")
    leader, standby = (tls, PLAIN) if with_certificate == "leader" else (PLAIN, tls)
    async with leading(leader) as port:
        with pytest.raises(Refused) as found:
            await call(HOST, port, "b", SECRET, context=standby.standby)
    assert found.value.code == "stream_tls_differs"


async def test_who_has_the_certificate_but_not_the_secret_is_told_nothing(tmp_path: Path) -> None:
    tls = speaks(tmp_path / "a")
    async with leading(tls) as port:
        with pytest.raises(Refused):
            await call(HOST, port, "b", "x" * 32, context=tls.standby)


async def test_a_leader_that_is_not_there_is_only_that(tmp_path: Path) -> None:
    async with leading(PLAIN) as port:
        pass
    with pytest.raises(StoreUnavailable):
        await call(HOST, port, "b", SECRET, context=speaks(tmp_path / "a").standby)
