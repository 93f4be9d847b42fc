"""Provenance: a signed statement of what a release is, what built it and what it was built from.

`attest` makes one: an in-toto statement with a SLSA provenance predicate, in a DSSE envelope.
`verify` holds one against an archive. Only `materials` reads files; nothing here calls AWS: the
key is a `Signer`, whose implementation in AWS KMS is `promotion.aws.signing`.
"""

from promotion.provenance.attest import attest
from promotion.provenance.envelope import Signer
from promotion.provenance.materials import materials_of
from promotion.provenance.verify import Expected, Provenance, verify, verify_digest

__all__ = ["Expected", "Provenance", "Signer", "attest", "materials_of", "verify", "verify_digest"]
