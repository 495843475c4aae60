"""Secrets at rest: tokens and sessions in the store are sealed with a key kept outside of it.

Envelope sealing: each secret is encrypted (AES-256-GCM) with a data key of its own, which is
encrypted with the envelope key. `context` (whose secret, which row) is authenticated but not
stored, so a sealed text moved to another row does not open. The first field names the envelope
key by its hash, so a wrong key is told apart from damage.

    1.<key's name>.<nonce and sealed data key>.<nonce and sealed secret>
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import ConfigurationError

_VERSION = "1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_REMEDY = (
    "Set REPLYDESK_KEY, or run replydesk where it may create the key file .replydesk/key; keep "
    "a copy of the key where the backups are not."
)


class Vault:
    """Seals and opens with one envelope key."""

    def __init__(self, key: str) -> None:
        """`key` is 32 random bytes in URL-safe base64, as `new_key` makes them."""
        self._key = _decode_key(key)

    @classmethod
    def from_file(cls, path: Path) -> Vault:
        """A vault with the key of a file; ConfigurationError when it cannot be read."""
        try:
            return cls(path.read_text(encoding="ascii").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"The key file {path} cannot be read. {_REMEDY}") from error

    def seal(self, secret: str, context: str) -> str:
        envelope = self._key
        data_key = secrets.token_bytes(_KEY_BYTES)
        name = _name(envelope)
        sealed_key = _encrypt(envelope, data_key, f"{_VERSION}.{name}")
        sealed_secret = _encrypt(data_key, secret.encode(), context)
        return f"{_VERSION}.{name}.{_text(sealed_key)}.{_text(sealed_secret)}"

    def open(self, sealed: str, context: str) -> str:
        """ConfigurationError when the key is another one, or the text is damaged or moved."""
        envelope = self._key
        version, name, sealed_key, sealed_secret = _split(sealed)
        if name != _name(envelope):
            raise ConfigurationError(
                "A stored secret was sealed with another key than the one given now. Set "
                "REPLYDESK_KEY to the key it was sealed with, or connect the account again."
            )
        try:
            data_key = _decrypt(envelope, sealed_key, f"{version}.{name}")
            return _decrypt(data_key, sealed_secret, context).decode()
        except (InvalidTag, ValueError) as error:
            raise _damaged() from error


def new_key() -> str:
    """A fresh envelope key."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def create_key_file(path: Path) -> None:
    """Write a fresh key that only its owner may read; FileExistsError rather than replace one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())


def _decode_key(key: str) -> bytes:
    try:
        decoded = base64.b64decode(key.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != _KEY_BYTES:
        # without the cause: a traceback must not show a part of the key
        raise ConfigurationError(
            f"The key to seal secrets with is not 32 bytes in URL-safe base64. {_REMEDY}"
        ) from None
    return decoded


def _name(key: bytes) -> str:
    return hashlib.sha256(b"replydesk envelope key\0" + key).hexdigest()[:8]


def _split(sealed: str) -> tuple[str, str, bytes, bytes]:
    parts = sealed.split(".")
    if len(parts) != 4 or parts[0] != _VERSION:
        raise _damaged()
    try:
        return parts[0], parts[1], _bytes(parts[2]), _bytes(parts[3])
    except binascii.Error as error:
        raise _damaged() from error


def _damaged() -> ConfigurationError:
    return ConfigurationError(
        "A stored secret is damaged or belongs to something else. Connect the account again."
    )


def _encrypt(key: bytes, data: bytes, context: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def _decrypt(key: bytes, data: bytes, context: str) -> bytes:
    return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, altchars=b"-_", validate=True)
