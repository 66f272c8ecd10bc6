"""What a controller of a cluster is made of: lease, secret of the stream, certificate."""

from __future__ import annotations

import hashlib
import secrets as random
import ssl
from pathlib import Path
from typing import NamedTuple

from acd.adapters.secrets import Secrets
from acd.app.candidate import Candidate
from acd.app.leader import Leader, Times
from acd.bootstrap.tls import certificate_of
from acd.config.settings import Settings
from acd.errors import ConfigError, Fault
from acd.ports_cluster import LeaseStore

#: The secret by which controllers know one another.
STREAM_KEY = "stream"


class StreamTls(NamedTuple):
    """The leader's certificate, and its print, by which both prove that they mean the same."""

    context: ssl.SSLContext | None = None
    binding: bytes = b""


def candidate_of(settings: Settings, store: LeaseStore) -> Candidate:
    """This controller's part in the lease."""
    cluster = settings.cluster
    times = Times(cluster.lease_s, cluster.renew_every_s, cluster.margin_s, cluster.ask_every_s)
    leader = Leader(cluster.node, times, lambda: random.token_hex(8))
    return Candidate(store, leader, ask_timeout_s=cluster.ask_timeout_s)


def stream_secret(settings: Settings) -> str:
    """The same on all controllers."""
    return Secrets(settings.secrets_dir).get(STREAM_KEY)


def leaders_tls(settings: Settings) -> StreamTls:
    """With the interface's certificate where it has one; raises ConfigError."""
    certificate = certificate_of(settings.tls)
    if certificate is None:
        return StreamTls()
    try:
        pem = Path(settings.tls.certificate).read_text(encoding="ascii")
        first = pem[: pem.index("-----END CERTIFICATE-----") + 26]
        der = ssl.PEM_cert_to_DER_cert(first)
    except (OSError, ValueError) as error:
        message = f"{settings.tls.certificate} cannot be read as a certificate"
        raise ConfigError([Fault("settings.toml:tls", message)]) from error
    return StreamTls(certificate.context, hashlib.sha256(der).digest())


def standbys_tls(settings: Settings) -> ssl.SSLContext | None:
    """Whose certificate it is, is proved by the secret and not by an authority: it may name the
    service and not the machine."""
    if not settings.tls.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def lease_store(settings: Settings) -> LeaseStore:
    """Where the lease is kept; passwords are given by a person, where the store asks for any."""
    # Redis' library is five megabytes of memory, which a controller alone need not have.
    from acd.adapters.lease_redis import RedisLeases

    known = Secrets(settings.secrets_dir)
    names = known.names()
    password, sentinel = (
        known.given(name) if name in names else "" for name in ("redis", "sentinel")
    )
    return RedisLeases(settings.cluster, password=password, sentinel_password=sentinel)
