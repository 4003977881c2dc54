"""Transforms template.yaml as CloudFormation would, without a network: `transform.py TEMPLATE OUTPUT`."""

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform


class NoManagedPolicies(ManagedPolicyLoader):
    """The roles of the template name every action themselves, so IAM is never asked for a managed policy."""

    def __init__(self):
        super().__init__(None)

    def load(self):
        return {}


def packaged(template):
    """The template with the code where `sam package` would have put it: the translator takes no local path."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource["Metadata"]["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = f"s3://packaged/{binary}.zip"
    return template


def values(template):
    """A value for each parameter: its default, or, for the hash of the bootstrap token, zeros."""
    return {name: parameter.get("Default", "0" * 64) for name, parameter in template["Parameters"].items()}


def main(source, target):
    """Reads the template at `source`, writes the transformed one to `target`."""
    template = yaml_parse(Path(source).read_text())
    transformed = transform(packaged(template), values(template), NoManagedPolicies())
    Path(target).write_text(json.dumps(transformed, indent=1))
    print(f"{len(transformed['Resources'])} resources after the transformation")


if __name__ == "__main__":
    main(*sys.argv[1:])
