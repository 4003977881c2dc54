"""Deploys the transformed template on an emulator of AWS: `deploy.py TRANSFORMED BINARIES OUTPUT PARAMETER=VALUE...`.

The emulator is at AWS_ENDPOINT_URL. A function's code is a script that becomes the binary of the last build, so that nothing is copied 144 times.
OUTPUT gets, as JSON, where the API answers, the outputs of the stack, and the physical name of each resource.
"""

import io
import json
import os
import re
import sys
import time
import zipfile
from pathlib import Path

import boto3

STACK = "slipway"
# Where transform.py says that the code is.
CODE_BUCKET = "packaged"
# How many seconds the stack may take.
PATIENCE = 60


def code(binary):
    """The zip of a function whose bootstrap becomes `binary`."""
    packed, entry = io.BytesIO(), zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, f'#!/bin/sh\nexec "{binary}"\n')
    return packed.getvalue()


def upload(s3, template, binaries):
    """Puts the code of each function where the template says that it is, and the template beside it."""
    s3.create_bucket(Bucket=CODE_BUCKET)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            key = resource["Properties"]["Code"]["S3Key"]
            binary = Path(binaries).resolve() / key.removesuffix(".zip")
            assert os.access(binary, os.X_OK), f"{binary}: the stage `build` makes it"
            s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=code(binary))
    s3.put_object(Bucket=CODE_BUCKET, Key="template.json", Body=json.dumps(template).encode())


def settled(cloudformation):
    """The stack, once nothing is in progress; ends if that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while True:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        if time.monotonic() > deadline:
            sys.exit(f"the stack is still {stack['StackStatus']} after {PATIENCE} seconds")
        time.sleep(0.2)


def create(cloudformation, endpoint, parameters):
    """Creates the stack, or ends with the reason why that failed."""
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{endpoint}/{CODE_BUCKET}/template.json",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    stack = settled(cloudformation)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events if "FAILED" in event["ResourceStatus"]]
        sys.exit("\n".join([stack["StackStatus"], *failed]))
    return stack


def resources(cloudformation):
    """The physical name of each resource."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]}


def require_same_template(cloudformation, template):
    """The emulator has stored what was sent. What it makes of it, the scenarios show."""
    deployed = cloudformation.get_template(StackName=STACK)["TemplateBody"]
    deployed = json.loads(deployed) if isinstance(deployed, str) else deployed
    assert deployed == template, "the emulator deployed another template"


def add_routes(api, definition, names):
    """The routes of the API's Body, which the emulator ignores. Gives their number."""
    gateway, functions, count = boto3.client("apigatewayv2"), boto3.client("lambda"), 0
    for path, item in definition["paths"].items():
        for method, operation in item.items():
            integration = operation["x-amazon-apigateway-integration"]
            assert (integration["type"], integration["payloadFormatVersion"]) == ("aws_proxy", "2.0"), (method, path)
            function = re.search(r"functions/\$\{(\w+)\.Arn\}/invocations", integration["uri"]["Fn::Sub"])[1]
            arn = functions.get_function(FunctionName=names[function])["Configuration"]["FunctionArn"]
            made = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0")
            verb = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
            key = "$default" if operation.get("isDefaultRoute") else f"{verb} {path}"
            gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{made['IntegrationId']}")
            count += 1
    return count


def main(transformed, binaries, output, *parameters):
    template, endpoint = json.loads(Path(transformed).read_text("utf-8")), os.environ["AWS_ENDPOINT_URL"]
    cloudformation = boto3.client("cloudformation")
    upload(boto3.client("s3"), template, binaries)
    stack = create(cloudformation, endpoint, dict(parameter.split("=", 1) for parameter in parameters))
    require_same_template(cloudformation, template)
    names = resources(cloudformation)
    routes = add_routes(names["Api"], template["Resources"]["Api"]["Properties"]["Body"], names)
    facts = {
        "base_url": f"{endpoint}/_aws/execute-api/{names['Api']}/$default",
        "outputs": {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]},
        "resources": names,
    }
    Path(output).write_text(json.dumps(facts, indent=1), "utf-8")
    print(f"{len(names)} resources, {routes} routes")


if __name__ == "__main__":
    main(*sys.argv[1:])
