"""Secrets in the database: sealed with AES-GCM under a key that lies outside the database.

The additional data names table, column and primary key, so a sealed value copied into another row does not open.
Rows with secrets have a UUID primary key, which is known before they are stored.
"""

from pult.core.secrets.fields import SecretField, reveal, seal, seal_for
from pult.core.secrets.keyring import UnableToReveal, digest, digests, key_id_of, reveal_text, seal_text
from pult.core.secrets.rotation import SealedElsewhere, register_sealed_elsewhere

__all__ = [
    "SealedElsewhere",
    "SecretField",
    "UnableToReveal",
    "digest",
    "digests",
    "key_id_of",
    "register_sealed_elsewhere",
    "reveal",
    "reveal_text",
    "seal",
    "seal_for",
    "seal_text",
]
