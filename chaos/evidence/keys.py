"""Reads Ed25519 keys from PEM files. No error message quotes the contents of a file."""

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
LARGEST = 64 * 1024  # bytes to read; a PEM key has a few hundred


@dataclass(frozen=True)
class PublicKey:
    """A public key, which anybody may see."""

    key: Ed25519PublicKey = field(repr=False)

    @property
    def raw(self) -> bytes:
        """The key's 32 raw bytes."""
        return self.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    @property
    def fingerprint(self) -> str:
        """SHA-256 as hex, as ``openssl pkey -pubin -in public.pem -outform DER | sha256sum`` prints it."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self.key.public_bytes(serialization.Encoding.DER, form)).hexdigest()

    def signed(self, signature: bytes, content: bytes) -> bool:
        """Is ``signature`` a signature by this key over exactly ``content``?"""
        try:
            self.key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    def used(self) -> KeyUsed:
        """The key as a manifest names it."""
        return KeyUsed(fingerprint=self.fingerprint, public_key=base64.b64encode(self.raw).decode("ascii"))


@dataclass(frozen=True)
class Signer:
    """A private key. ``readable_by_others``: its file's mode lets the group or other users access it."""

    key: Ed25519PrivateKey = field(repr=False)
    readable_by_others: bool = False

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.key.public_key())

    def sign(self, content: bytes) -> bytes:
        """The Ed25519 signature over ``content``, 64 bytes."""
        return self.key.sign(content)


def load_signer(path: Path) -> Signer:
    """Read an Ed25519 private key without a passphrase from a PEM file. Raises ``BadInput``."""
    text, mode = _read(path)
    try:
        key = serialization.load_pem_private_key(text, password=None)
    except TypeError as error:  # cryptography raises it for an encrypted key
        message = "the private key has a passphrase, and a run cannot ask for it"
        raise _bad(path, message, "remove the passphrase: openssl pkey -in key.pem -out plain.pem") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(path, "expected a private key in PEM", HOW_TO_MAKE) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad(path, "expected an Ed25519 key, got a key of another type", HOW_TO_MAKE)
    return Signer(key, readable_by_others=bool(mode & 0o077))


def load_public_key(path: Path) -> PublicKey:
    """Read an Ed25519 public key from a PEM file. Raises ``BadInput``."""
    text, _ = _read(path)
    if b"PRIVATE KEY" in text:
        raise _bad(path, "this is a private key; verify needs only the public key", HOW_TO_SHARE)
    try:
        key = serialization.load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(path, "expected a public key in PEM", HOW_TO_SHARE) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _bad(path, "expected an Ed25519 key, got a key of another type", HOW_TO_SHARE)
    return PublicKey(key)


def public_key_of(used: KeyUsed) -> PublicKey | None:
    """The key in a manifest; None if it is not an Ed25519 key or does not match its fingerprint."""
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
