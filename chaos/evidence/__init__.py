"""Seals run folders with checksums and signatures, and verifies that a folder was not changed since."""

from chaos.evidence.keys import PublicKey, Signer, load_public_key, load_signer
from chaos.evidence.manifest import (
    MANIFEST,
    OFFSITE,
    SIGNATURE,
    Manifest,
    Reason,
    read_manifest,
    run_id_of,
    walk,
)
from chaos.evidence.seal_writer import Seal, reseal, seal, unseal
from chaos.evidence.verification import (
    DRILL_FILE,
    SealFault,
    SealFinding,
    SealState,
    Verification,
    started_as,
    verify,
)

__all__ = [
    "DRILL_FILE",
    "MANIFEST",
    "OFFSITE",
    "SIGNATURE",
    "Manifest",
    "PublicKey",
    "Reason",
    "Seal",
    "SealFault",
    "SealFinding",
    "SealState",
    "Signer",
    "Verification",
    "load_public_key",
    "load_signer",
    "read_manifest",
    "reseal",
    "run_id_of",
    "seal",
    "started_as",
    "unseal",
    "verify",
    "walk",
]
