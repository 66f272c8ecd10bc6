"""The encrypted file of a recording: AES-256-GCM in chunks under a key of its own.

::

    header (128 bytes)  magic 8 | master key's number 4 | chunk size 4 | id 16 | nonce 12
                        | the file's key, encrypted under the master key 48 | zeros
    chunk, chunk, ...   nonce: last? 4 | count 8; each ends in a tag of 16 bytes

A file's key is random and encrypts nothing else, so counting nonces never repeat one. The id is
authenticated with every chunk: a file put in another's place is refused. The last chunk is marked:
one that was cut short is refused. To change the master key only the header is written anew; to
destroy a recording it is enough to overwrite it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from acd.errors import StoreCorrupt

MAGIC = b"MDGREC1\0"
HEADER, TAG = 128, 16
CHUNK = 65_536
_FIXED = struct.Struct(">8sII16s12s48s")
#: The master key of a number; raises for one that is not there.
MasterKey = Callable[[int], bytes]


def _damaged(why: str) -> StoreCorrupt:
    return StoreCorrupt(f"the recording cannot be trusted: {why}", code="recording_damaged")


def _nonce(count: int, last: bool) -> bytes:
    return struct.pack(">IQ", last, count)


def _header(recording: str, number: int, master: bytes, key: bytes, chunk: int) -> bytes:
    ident, nonce = bytes.fromhex(recording), secrets.token_bytes(12)
    wrapped = AESGCM(master).encrypt(nonce, key, _bound(ident, number))
    packed = _FIXED.pack(MAGIC, number, chunk, ident, nonce, wrapped)
    return packed.ljust(HEADER, b"\0")


def _bound(ident: bytes, number: int) -> bytes:
    return MAGIC + struct.pack(">I", number) + ident


def _read_header(data: bytes, master_key: MasterKey) -> tuple[str, int, int, bytes]:
    """Id, master key's number, chunk size, file's key."""
    if len(data) < HEADER or not data.startswith(MAGIC):
        raise _damaged("its header is not one of ours")
    _, number, chunk, ident, nonce, wrapped = _FIXED.unpack_from(data)
    if not 1_024 <= chunk <= 1 << 20:
        raise _damaged("its header is not one of ours")
    try:
        key = AESGCM(master_key(number)).decrypt(nonce, wrapped, _bound(ident, number))
    except InvalidTag:
        raise _damaged("its key cannot be opened") from None
    return ident.hex(), number, chunk, key


def seal(
    sound: Iterable[bytes], path: Path, recording: str, number: int, master: bytes
) -> tuple[int, str]:
    """Write an encrypted file, whole or not at all; returns its size and the SHA-256 of what
    stands behind the header. ``recording`` is the id, 32 hexadecimal digits."""
    key = AESGCM.generate_key(256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_header(recording, number, master, key, CHUNK))
        digest = _write_chunks(file, sound, AESGCM(key), bytes.fromhex(recording))
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    scratch.replace(path)
    sync_folder(path.parent)
    return size, digest


def _write_chunks(file: BinaryIO, sound: Iterable[bytes], cipher: AESGCM, ident: bytes) -> str:
    digest, count, waiting = hashlib.sha256(), 0, bytearray()

    def put(part: bytes, last: bool) -> None:
        sealed = cipher.encrypt(_nonce(count, last), part, ident)
        digest.update(sealed)
        file.write(sealed)

    for part in sound:
        waiting += part
        while len(waiting) > CHUNK:
            put(bytes(waiting[:CHUNK]), last=False)
            del waiting[:CHUNK]
            count += 1
    put(bytes(waiting), last=True)
    return digest.hexdigest()


class OpenSound:
    """A stored recording, open for reading in clear; any part of it, checked as it is read."""

    def __init__(self, path: Path, recording: str, master_key: MasterKey) -> None:
        self._file = path.open("rb")
        try:
            ident, _, self._chunk, key = _read_header(self._file.read(HEADER), master_key)
            if ident != recording:
                raise _damaged("it is another one")
            self._body = os.fstat(self._file.fileno()).st_size - HEADER
            full, rest = divmod(self._body, self._chunk + TAG)
            self._chunks = full + (rest > 0)
            self.size = self._body - self._chunks * TAG
            if self.size < 0:
                raise _damaged("it was cut short")
        except BaseException:
            self._file.close()
            raise
        self._cipher, self._ident = AESGCM(key), bytes.fromhex(ident)

    def read(self, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset`` on, fewer at the end; raises StoreCorrupt."""
        end = min(offset + length, self.size)
        if offset < 0 or offset >= end:
            return b""
        first, last = offset // self._chunk, (end - 1) // self._chunk
        clear = b"".join(self._clear(number) for number in range(first, last + 1))
        return clear[offset - first * self._chunk : end - first * self._chunk]

    def _clear(self, number: int) -> bytes:
        self._file.seek(HEADER + number * (self._chunk + TAG))
        sealed = self._file.read(self._chunk + TAG)
        nonce = _nonce(number, number == self._chunks - 1)
        try:
            return self._cipher.decrypt(nonce, sealed, self._ident)
        except InvalidTag:
            raise _damaged("a part of it was changed") from None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def digest(path: Path) -> str:
    """The SHA-256 of what stands behind the header, as :func:`seal` returned it."""
    with path.open("rb") as file:
        file.seek(HEADER)
        return hashlib.file_digest(file, "sha256").hexdigest()


def rekey(path: Path, number: int, master_key: MasterKey) -> bool:
    """Put a file under the master key of this number; False when it was so already."""
    with path.open("r+b") as file:
        recording, old, chunk, key = _read_header(file.read(HEADER), master_key)
        if old == number:
            return False
        # One write of one sector: a power failure leaves the old header or the new one.
        os.pwrite(file.fileno(), _header(recording, number, master_key(number), key, chunk), 0)
        os.fsync(file.fileno())
    return True


def destroy(path: Path) -> None:
    """Overwrite the file's key and remove it: what a disk may still hold of it stays unreadable."""
    try:
        with path.open("r+b") as file:
            os.pwrite(file.fileno(), bytes(HEADER), 0)
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were added to or taken from a folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
