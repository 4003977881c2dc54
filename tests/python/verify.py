"""Verifies a signed object without any of Slipway's own code: `verify.py PURPOSE OBJECT JWKS [REQUEST]`, where PURPOSE is `decision`,
`snapshot` or `release-bundle`, and the others are files of JSON. REQUEST is the body that a decision answers, as it was sent.

Written from docs/SIGNING.md alone. Ends with 0 if the signature is right and the decision answers the request, else with 1 and the reason.
Without a request it says that nothing ties the decision to one.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_EXACT_INTEGER = 2**53 - 1
# What the keys of a context are for, where it is not what the context is named after.
KEYS_OF = {"release-bundle": "snapshot"}


def members(pairs):
    """An object in which no member stands twice."""
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise SystemExit("not I-JSON: a member stands twice")
    return dict(pairs)


def number(parse):
    """Numbers that every parser reads exactly."""

    def exact(text):
        value = parse(text)
        if abs(value) > MAX_EXACT_INTEGER or (value == 0 and text.startswith("-")):
            raise SystemExit(f"not I-JSON: the number {text}")
        return value

    return exact


def read(file):
    """A document of I-JSON (RFC 7493): what is signed is its canonical form, and two documents must not have one."""
    text = Path(file).read_bytes().decode("utf-8")
    return json.loads(text, object_pairs_hook=members, parse_int=number(int), parse_float=number(float), parse_constant=number(float))


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


def require_answer_to(request, decision):
    """A decision is for the request that it names, and for no other."""
    if "request_sha256" not in decision:
        raise SystemExit("the decision does not name the request that it answers")
    if decision["request_sha256"] != hashlib.sha256(request).hexdigest():
        raise SystemExit("the decision answers another request")


def main(purpose, object_file, jwks_file, request_file=None):
    signed, jwks = read(object_file), read(jwks_file)
    signature = base64.b64decode(signed["signature"], validate=True)
    # One spelling: the last digit has bits that mean nothing, and decoders take any.
    if base64.b64encode(signature).decode() != signed["signature"]:
        raise SystemExit("the signature is wrong")
    try:
        public_key(KEYS_OF.get(purpose, purpose), jwks, signed["key_id"]).verify(signature, statement(purpose, signed))
    except InvalidSignature:
        raise SystemExit("the signature is wrong") from None
    if request_file:
        require_answer_to(Path(request_file).read_bytes(), signed)
    elif purpose == "decision":
        print("not bound to a request: give the body that was sent, or this may be the answer to another client")


if __name__ == "__main__":
    main(*sys.argv[1:])
