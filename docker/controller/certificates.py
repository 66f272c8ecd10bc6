"""The installation's own certificate authority, for the lines between its containers.

Made at the first start; its key never leaves the volume of the service ``init``. Each server gets a
certificate for its service name or its addresses; whoever asks a server believes this authority and
no other.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from acd.adapters.authority import as_pem, general, named, private_pem, signed

CA, CERTIFICATE, KEY = "ca.pem", "certificate.pem", "key.pem"
_CA_DAYS, _SERVER_DAYS = 3_650, 730
#: A certificate that ends sooner is replaced at the next start.
_RENEW_DAYS = 365


class Authority:
    """The authority in ``folder``; made when it is not there yet."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key_file, certificate_file = folder / KEY, folder / CA
        if not certificate_file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            write(key_file, private_pem(key))
            made = signed(named("madoguchi"), named("madoguchi"), key, key, _CA_DAYS, ca=True)
            write(certificate_file, as_pem(made))
        loaded = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        self._key = loaded
        self.certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())

    def serve(self, folder: Path, names: list[str]) -> None:
        """Put a server's certificate, its key and the authority's certificate into ``folder``;
        what is there and good for long enough stays."""
        write(folder / CA, as_pem(self.certificate))
        if _lasts(folder / CERTIFICATE, names):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.certificate.subject
        made = signed(named(names[0]), issuer, key, self._key, _SERVER_DAYS, names=names)
        write(folder / KEY, private_pem(key))
        write(folder / CERTIFICATE, as_pem(made))


def write(file: Path, data: bytes) -> None:
    """Replace a file as a whole, readable by its owner only."""
    new = file.with_name(f"{file.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    new.replace(file)


def days_left(file: Path) -> int:
    """For how many days a certificate is good; less than 0 when it is not there."""
    if not file.exists():
        return -1
    found = x509.load_pem_x509_certificate(file.read_bytes())
    return (found.not_valid_after_utc - dt.datetime.now(dt.UTC)).days


def _lasts(file: Path, names: list[str]) -> bool:
    if days_left(file) < _RENEW_DAYS:
        return False
    found = x509.load_pem_x509_certificate(file.read_bytes())
    known = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(known) == general(names)
