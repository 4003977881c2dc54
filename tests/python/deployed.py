"""Reads what a deployer gets of a release, with parsers that are not Slipway's: `deployed.py KIND FILE`, where KIND is `compose` or `kustomize`.

Prints the file as JSON. Ends with 1 and the reason if a parser of YAML 1.1 and one of YAML 1.2 read it differently, if it is no Compose file, or no block
`images` of a kustomization.
"""

import json
import re
import sys
from pathlib import Path

import yaml
from compose_spec import PyCompose
from ruamel.yaml import YAML

# What the image transformer of kustomize knows of an entry of `images`, and the digests that it replaces.
MEMBERS = {"name", "newName", "newTag", "tagSuffix", "digest"}
DIGEST = re.compile(r"[A-Za-z0-9_+.-]+:[0-9a-f]{32,}")


def read(text):
    """The document, read by both standards: kustomize and Compose have parsers of either."""
    old, new = yaml.safe_load(text), YAML(typ="safe", pure=True).load(text)
    assert old == new, f"YAML 1.1: {old}; YAML 1.2: {new}"
    return old


def require_compose(text, document):
    """A Compose file whose services are those of the document."""
    assert sorted(PyCompose.from_yaml(text).service_names()) == sorted(document["services"]), document


def require_kustomize(_, document):
    """A block `images`: each entry has a name of its own, a digest and no tag."""
    assert list(document) == ["images"], document
    names = [entry["name"] for entry in document["images"]]
    assert len(names) == len(set(names)), names
    for entry in document["images"]:
        assert set(entry) <= MEMBERS and all(isinstance(value, str) for value in entry.values()), entry
        assert DIGEST.fullmatch(entry["digest"]), entry
        assert not re.search(r"[@\s]", entry["name"] + entry.get("newName", "")), entry


def main(kind, file):
    text = Path(file).read_text("utf-8")
    document = read(text)
    {"compose": require_compose, "kustomize": require_kustomize}[kind](text, document)
    print(json.dumps(document))


if __name__ == "__main__":
    main(*sys.argv[1:])
