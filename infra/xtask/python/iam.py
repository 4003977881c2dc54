"""Holds every IAM statement of a transformed template against AWS's list of actions: `iam.py TEMPLATE`."""

import json
import re
import sys
from pathlib import Path

import parliament

PLACE = "eu-central-1:123456789012"

# An ARN for each attribute of a resource that a statement names.
ARNS = {
    "AWS::DynamoDB::Table.Arn": f"arn:aws:dynamodb:{PLACE}:table/slipway",
    # A real label is a time, with colons that parliament does not expect.
    "AWS::DynamoDB::Table.StreamArn": f"arn:aws:dynamodb:{PLACE}:table/slipway/stream/20260101",
    "AWS::KMS::Key.Arn": f"arn:aws:kms:{PLACE}:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "AWS::Lambda::Function.Arn": f"arn:aws:lambda:{PLACE}:function:slipway-function",
    "AWS::Logs::LogGroup.Arn": f"arn:aws:logs:{PLACE}:log-group:/slipway/slipway/function:*",
    "AWS::S3::Bucket.Arn": "arn:aws:s3:::slipway-artifacts-123456789012",
    "AWS::SQS::Queue.Arn": f"arn:aws:sqs:{PLACE}:slipway-failures",
}

# Pseudo parameters, as in a deployment to that place.
PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "slipway",
}


def resolve(value, resources):
    """`value` with its intrinsic functions replaced by what they stand for."""
    if isinstance(value, list):
        return [resolve(one, resources) for one in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return named(value["Ref"], resources)
    if "Fn::GetAtt" in value:
        return arn(*value["Fn::GetAtt"], resources)
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([^}]+)\}", lambda match: named(match[1], resources), value["Fn::Sub"])
    return {key: resolve(one, resources) for key, one in value.items()}


def named(name, resources):
    """What `${name}` stands for."""
    return PSEUDO[name] if name in PSEUDO else arn(*name.split("."), resources)


def arn(name, attribute, resources):
    """What the `attribute` of the resource `name` is."""
    return ARNS[f"{resources[name]['Type']}.{attribute}"]


def findings(resources):
    """What is wrong, and how many policies were looked at."""
    found, count = [], 0
    for name, resource in resources.items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        if resource["Properties"].get("ManagedPolicyArns"):
            found.append(f"{name}: a managed policy gives more than the grants say")
        for policy in resource["Properties"]["Policies"]:
            document = resolve(policy["PolicyDocument"], resources)
            count += 1
            found += [f"{name}: {finding}" for finding in parliament.analyze_policy_string(json.dumps(document)).findings]
    return found, count


def main(path):
    """Fails with a line for each finding."""
    found, count = findings(json.loads(Path(path).read_text())["Resources"])
    if found:
        sys.exit("\n".join(found))
    print(f"{count} policies")


if __name__ == "__main__":
    main(*sys.argv[1:])
