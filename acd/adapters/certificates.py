"""The certificate that browsers see: read from files, and made by ourselves for trying out."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from acd.errors import ConfigError, Fault, StoreUnavailable

CERTIFICATE, KEY = "certificate.pem", "key.pem"
#: Browsers refuse longer ones.
VALID_DAYS = 397


class Certificate:
    """A certificate and its key in PEM files. :meth:`refresh` takes over what replaced them, for
    connections that come after."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._stamp = self._load()

    def refresh(self) -> bool:
        """Read the files again if they changed; raises ConfigError, keeping the old ones."""
        if self._stamp_now() == self._stamp:
            return False
        self._stamp = self._load()
        return True

    def _load(self) -> tuple[int, ...]:
        stamp = self._stamp_now()
        try:
            self.context.load_cert_chain(*self._files)
        except OSError as error:
            reason = getattr(error, "reason", None) or error.strerror
            raise _fault(f"{self._files[0]} and its key cannot be used: {reason}") from error
        return stamp

    def _stamp_now(self) -> tuple[int, ...]:
        try:
            return tuple(file.stat().st_mtime_ns for file in self._files)
        except OSError as error:
            raise _fault(f"{error.filename} cannot be read: {error.strerror}") from error


def _fault(message: str) -> ConfigError:
    return ConfigError([Fault("settings.toml:tls", message)])


def make_certificate(folder: Path, names: list[str]) -> str:
    """Make a certificate for these names and addresses, signed by itself; returns its SHA-256
    fingerprint. Browsers warn of it: for trying out. Raises StoreUnavailable."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    )
    _write(folder, KEY, private, 0o600)
    _write(folder, CERTIFICATE, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return made.fingerprint(hashes.SHA256()).hex(":")


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(folder: Path, name: str, data: bytes, mode: int) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = folder / f"{name}.new"
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        new.replace(folder / name)
    except OSError as error:
        raise StoreUnavailable(f"{folder / name} cannot be written: {error.strerror}") from error
