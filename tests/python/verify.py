"""Verifies a signed object without any of Slipway's own code: `verify.py PURPOSE OBJECT JWKS`, where PURPOSE is `decision` or `snapshot`, and
the others are files of JSON.

Written from docs/SIGNING.md alone. Ends with 0 if the signature is right, else with 1 and the reason.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

def public_key(purpose, jwks, key_id):
    """The key `key_id` of a set of keys, which is for `purpose`."""
    for key in jwks["keys"]:
        if key["kid"] == key_id and key["purpose"] == purpose:
            assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig"), key
            return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    raise SystemExit(f"no {purpose} key {key_id}")


def statement(purpose, signed):
    """What was signed: the context, a line feed, and the digest of everything but the signature."""
    unsigned = {name: value for name, value in signed.items() if name != "signature"}
    return f"slipway.{purpose}.v1\n".encode() + hashlib.sha256(rfc8785.dumps(unsigned)).digest()


def main(purpose, object_file, jwks_file):
    signed = json.loads(Path(object_file).read_bytes())
    jwks = json.loads(Path(jwks_file).read_bytes())
    signature = base64.b64decode(signed["signature"], validate=True)
    try:
        public_key(purpose, jwks, signed["key_id"]).verify(signature, statement(purpose, signed))
    except InvalidSignature:
        raise SystemExit("the signature is wrong") from None


if __name__ == "__main__":
    main(*sys.argv[1:])
