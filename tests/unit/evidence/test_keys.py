"""Reading the keys of a seal from PEM files. A key that cannot be used gives one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaos.errors import BadInput
from chaos.evidence import load_public_key, load_signer
from tests.unit.evidence.test_evidence import SIGNER, public_pem


def pem(key: Ed25519PrivateKey | None = None, passphrase: bytes = b"") -> bytes:
    how = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return (key or SIGNER.key).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how
    )


def test_keys_come_from_pem_files_and_never_show_themselves(tmp_path: Path) -> None:
    secret, public = tmp_path / "key.pem", tmp_path / "public.pem"
    secret.write_bytes(pem())
    public.write_bytes(public_pem())
    secret.chmod(0o600)
    signer = load_signer(secret)
    assert load_public_key(public).fingerprint == signer.public.fingerprint
    assert not signer.readable_by_others
    secret.chmod(0o644)
    assert load_signer(secret).readable_by_others
    assert "PrivateKey" not in repr(signer)


OTHER_KIND = generate_private_key(SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pem(passphrase=b"hush"), "passphrase"),
        (b"no key at all: hush", "expected a private key in PEM"),
        (b"", "expected a private key in PEM"),
        (public_pem(), "expected a private key in PEM"),
        (OTHER_KIND, "expected an Ed25519 key"),
        (None, "cannot read the key"),
    ],
    ids=["encrypted", "text", "empty", "public", "other kind", "no file"],
)
def test_a_key_that_cannot_sign_is_one_clear_error(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        load_signer(path)
    assert "key.pem: " in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pem(), "this is a private key"),
        (b"text", "expected a public key in PEM"),
        (None, "cannot read the key"),
    ],
    ids=["private", "text", "no file"],
)
def test_a_public_key_that_is_none_is_one_clear_error(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "public.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        load_public_key(path)
