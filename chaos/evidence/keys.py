"""Ed25519 keys from PEM files, by the ``cryptography`` package. No error here shows what a file holds."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chaos.errors import BadInput, Problem
from chaos.evidence.manifest import KeyUsed
from chaos.files import open_file

HOW_TO_MAKE = "openssl genpkey -algorithm ed25519 -out key.pem"
HOW_TO_SHARE = "openssl pkey -in key.pem -pubout -out public.pem"
LARGEST = 64 * 1024  # bytes; a PEM key has some hundred


@dataclass(frozen=True)
class PublicKey:
    """The half that may be shown."""

    key: Ed25519PublicKey = field(repr=False)

    @property
    def raw(self) -> bytes:
        return self.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    @property
    def fingerprint(self) -> str:
        """As ``openssl pkey -pubin -in public.pem -outform DER | sha256sum`` prints it."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self.key.public_bytes(serialization.Encoding.DER, form)).hexdigest()

    def signed(self, signature: bytes, content: bytes) -> bool:
        """Is ``signature`` this key's, over exactly ``content``?"""
        try:
            self.key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    def used(self) -> KeyUsed:
        return KeyUsed(fingerprint=self.fingerprint, public_key=base64.b64encode(self.raw).decode("ascii"))


@dataclass(frozen=True)
class Signer:
    """The half that stays where it is."""

    key: Ed25519PrivateKey = field(repr=False)
    readable_by_others: bool = False

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.key.public_key())

    def sign(self, content: bytes) -> bytes:
        """64 bytes."""
        return self.key.sign(content)


def load_signer(path: Path) -> Signer:
    """A PEM private key that no passphrase protects. Raises ``BadInput``."""
    text, mode = _read(path)
    try:
        key = serialization.load_pem_private_key(text, password=None)
    except TypeError as error:  # that is how the package says "encrypted"
        message = "the private key has a passphrase, and a run cannot ask for it"
        raise _bad(path, message, "remove the passphrase: openssl pkey -in key.pem -out plain.pem") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(path, "expected a private key in PEM", HOW_TO_MAKE) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad(path, "expected an Ed25519 key, this one is of another kind", HOW_TO_MAKE)
    return Signer(key, readable_by_others=bool(mode & 0o077))


def load_public_key(path: Path) -> PublicKey:
    """A PEM public key. Raises ``BadInput``."""
    text, _ = _read(path)
    if b"PRIVATE KEY" in text:
        raise _bad(path, "this is a private key; verify needs only the public key", HOW_TO_SHARE)
    try:
        key = serialization.load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(path, "expected a public key in PEM", HOW_TO_SHARE) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _bad(path, "expected an Ed25519 key, this one is of another kind", HOW_TO_SHARE)
    return PublicKey(key)


def public_key_of(used: KeyUsed) -> PublicKey | None:
    """The key that a manifest names; None when that is no key, or not the one of its own fingerprint."""
    try:
        key = PublicKey(Ed25519PublicKey.from_public_bytes(base64.b64decode(used.public_key, validate=True)))
    except ValueError:
        return None
    return key if key.fingerprint == used.fingerprint and used.algorithm == "Ed25519" else None


def _read(path: Path) -> tuple[bytes, int]:
    try:
        with open_file(path) as stream:
            return stream.read(LARGEST), path.stat().st_mode
    except OSError as error:
        raise _bad(path, f"cannot read the key: {error.strerror or error}", "name a PEM file") from error


def _bad(path: Path, message: str, fix: str) -> BadInput:
    return BadInput([Problem.about(str(path), message, fix)])
