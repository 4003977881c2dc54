"""Verifies a signed decision without any of Slipway's own code: `verify_decision.py DECISION JWKS`, two files of JSON.

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

CONTEXT = b"slipway.decision.v1"


def public_key(jwks, key_id):
    """The decision key `key_id` of a set of keys."""
    for key in jwks["keys"]:
        if key["kid"] == key_id and key["purpose"] == "decision":
            assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig"), key
            return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    raise SystemExit(f"no decision key {key_id}")


def statement(decision):
    """What was signed: the context, a line feed, and the digest of everything but the signature."""
    unsigned = {name: value for name, value in decision.items() if name != "signature"}
    return CONTEXT + b"\n" + hashlib.sha256(rfc8785.dumps(unsigned)).digest()


def main(decision_file, jwks_file):
    decision = json.loads(Path(decision_file).read_bytes())
    jwks = json.loads(Path(jwks_file).read_bytes())
    signature = base64.b64decode(decision["signature"], validate=True)
    try:
        public_key(jwks, decision["key_id"]).verify(signature, statement(decision))
    except InvalidSignature:
        raise SystemExit("the signature is wrong") from None


if __name__ == "__main__":
    main(*sys.argv[1:])
