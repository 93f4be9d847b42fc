"""KMS: signing a digest as it is.

Delegates to moto, which hashes every message before it signs, a digest too. AWS signs a message of
the type DIGEST unchanged: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from moto.kms.exceptions import ValidationException

if TYPE_CHECKING:
    from collections.abc import Callable

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "ECDSA_SHA_256": hashes.SHA256(),
    "ECDSA_SHA_384": hashes.SHA384(),
    "ECDSA_SHA_512": hashes.SHA512(),
}


def sign(respond: Callable[[Any], str], request: Any) -> str:
    """Serve Sign.

    Args:
        respond: moto's own Sign, which checks key and algorithm.
        request: moto's view of the request, with the backend of its account and region.

    Raises:
        ValidationException: a digest has the wrong length, or is to be signed with another
            algorithm than ECDSA.
    """
    answer = respond(request)
    if request._get_param("MessageType") != "DIGEST":
        return answer
    document = json.loads(answer)
    algorithm = document["SigningAlgorithm"]
    if algorithm not in _HASHES:
        raise ValidationException(f"the sandbox signs no digest with {algorithm}")
    digest = request._get_param("Message")
    if len(digest) != _HASHES[algorithm].digest_size:
        raise ValidationException(f"Digest is invalid length for algorithm {algorithm}.")
    key = request.kms_backend.describe_key(request._get_param("KeyId")).private_key.private_key
    signature = key.sign(digest, ec.ECDSA(utils.Prehashed(_HASHES[algorithm])))
    return json.dumps({**document, "Signature": base64.b64encode(signature).decode("ascii")})
