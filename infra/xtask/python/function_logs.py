"""Writes what the functions of a deployed stack printed, a file for each log group: `function_logs.py DIRECTORY`.

Prints the last lines of those that had an error. The emulator is at AWS_ENDPOINT_URL.
"""

import sys
from pathlib import Path

import boto3

PREFIX = "/slipway/slipway/"
# What a structured line of a failure has, and what the runtime says of a function that ended.
ERRORS = ('"level":"ERROR"', "panicked at", "Runtime exited", "Task timed out")
SHOWN = 5


def main(directory):
    logs = boto3.client("logs")
    Path(directory).mkdir(parents=True, exist_ok=True)
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=PREFIX):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            lines = [event["message"].rstrip() for one in pages for event in one["events"]]
            (Path(directory) / f"{name.removeprefix(PREFIX)}.log").write_text("".join(f"{line}\n" for line in lines), "utf-8")
            if any(error in line for line in lines for error in ERRORS):
                print(name, *(line[:1000] for line in lines[-SHOWN:]), sep="\n  ")


if __name__ == "__main__":
    main(*sys.argv[1:])
