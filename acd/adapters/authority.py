"""Certificates signed by an authority of our own: for lines of which both ends are ours.

The authority between controllers and switches is a key that is derived from one secret, drawn and
kept like every other: there is no file to lose, and all controllers of a centre know the same one.
Its certificate is made anew from that key wherever it is needed; what it signed before still fits.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import os
import ssl
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

PrivateKey = ec.EllipticCurvePrivateKey

#: How long a switch's certificate is good; it is made anew with each configuration.
SWITCH_DAYS = 825
#: Of one that is made anew at each start, and never written down.
UNWRITTEN_DAYS = 3_650
#: The order of the curve P-256 (SEC 2, 2.4.2): private keys are 1 to this, exclusive.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Pems(Struct, frozen=True):
    """A certificate, its key, and the certificate of the authority that signed it, as PEM."""

    certificate: str
    key: str
    ca: str

    def __repr__(self) -> str:
        return "Pems(...)"


class LineAuthority:
    """The authority of one centre's lines. ``secret`` is what its key is derived from."""

    def __init__(self, secret: str) -> None:
        self._key = _derived(secret)
        # Of its own for each key: two centres' authorities are not taken for one another.
        print_ = hashlib.sha256(secret.encode()).hexdigest()[:12]
        self._name = named(f"madoguchi lines {print_}")
        made = signed(self._name, self._name, self._key, self._key, UNWRITTEN_DAYS, ca=True)
        #: What both ends believe, and nothing besides.
        self.ca = as_pem(made).decode()

    def certify(self, names: Sequence[str], secret: str, days: int = SWITCH_DAYS) -> Pems:
        """A certificate for these names and addresses, whose key is derived from ``secret``."""
        key = _derived(secret)
        subject = named(names[0][:64])
        made = signed(subject, self._name, key, self._key, days, names=names)
        return Pems(as_pem(made).decode(), private_pem(key).decode(), self.ca)


def shown_by(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Let what is spoken with ``context`` show a certificate. OpenSSL reads files alone: this one
    is in memory, and on no disk."""
    handle = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        os.write(handle, (certificate + key).encode("ascii"))
        context.load_cert_chain(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    by: PrivateKey,
    days: int,
    *,
    ca: bool = False,
    names: Sequence[str] = (),
) -> x509.Certificate:
    """A certificate for ``key``, signed by the issuer's key ``by``."""
    now = dt.datetime.now(dt.UTC)
    issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(issuers, False)
    )
    if ca:
        builder = builder.add_extension(_MAY_SIGN, True)
    if names:
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(
            x509.SubjectAlternativeName(general(names)), False
        ).add_extension(x509.ExtendedKeyUsage(usage), False)
    return builder.sign(by, hashes.SHA256())


def general(names: Sequence[str]) -> list[x509.GeneralName]:
    """Each as what it is: an address, or a name."""
    made: list[x509.GeneralName] = []
    for each in names:
        try:
            made.append(x509.IPAddress(ipaddress.ip_address(each)))
        except ValueError:
            made.append(x509.DNSName(each))
    return made


def named(name: str) -> x509.Name:
    """A subject or issuer that is known by one name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def private_pem(key: PrivateKey) -> bytes:
    """A key as it stands in a file."""
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def as_pem(certificate: x509.Certificate) -> bytes:
    """A certificate as it stands in a file."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def _derived(secret: str) -> PrivateKey:
    """The key that belongs to a secret of our own making (190 random bits): its hash, which is
    twice as long as the curve's order, so that no key is likelier than another."""
    wide = int.from_bytes(hashlib.sha512(b"madoguchi line key\0" + secret.encode()).digest())
    return ec.derive_private_key(wide % (_ORDER - 1) + 1, ec.SECP256R1())


_MAY_SIGN = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
