"""Writes what the functions of a deployed stack printed, a file for each log group: `function_logs.py DIRECTORY`.

Prints the lines of the functions that failed. The emulator is at AWS_ENDPOINT_URL.
"""

import json
import sys
from pathlib import Path

import boto3

PREFIX = "/slipway/slipway/"
# What a panic begins with, and what the runtime says of a function that ended.
ENDS = ("panicked at", "Runtime exited", "Task timed out")
# How many lines are shown of a log group, which several functions share.
SHOWN = 10


def is_failure(line):
    """Whether a structured line tells of a failure: of a job, or of a request that was answered with 5xx. Other errors are the caller's."""
    try:
        record = json.loads(line)
    except ValueError:
        return False
    return isinstance(record, dict) and "error_code" in record and record.get("status", 500) >= 500


def failures(lines):
    """The lines that tell of failures, and of a panic the next one too, which has its message."""
    for before, line in zip([""] + lines, lines):
        if is_failure(line) or any(end in line for end in ENDS) or "panicked at" in before:
            yield line


def main(directory):
    logs = boto3.client("logs")
    Path(directory).mkdir(parents=True, exist_ok=True)
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=PREFIX):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            lines = [event["message"].rstrip() for one in pages for event in one["events"]]
            (Path(directory) / f"{name.removeprefix(PREFIX)}.log").write_text("".join(f"{line}\n" for line in lines), "utf-8")
            if failed := list(failures(lines)):
                print(name, *(line[:1000] for line in failed[-SHOWN:]), sep="\n  ")


if __name__ == "__main__":
    main(*sys.argv[1:])
