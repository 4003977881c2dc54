"""Prints the SHA-256 of the canonical form (RFC 8785) of each line of a file of JSON."""

import hashlib
import json
import sys
from pathlib import Path

import rfc8785

for line in Path(sys.argv[1]).read_text("utf-8").rstrip("\n").split("\n"):
    print(hashlib.sha256(rfc8785.dumps(json.loads(line))).hexdigest())
