"""ministack as strict as IAM, for the stage `deployed`: `strict_ministack.py CALL_LOG`.

With AUTH=true ministack gives each function a session of its own role and evaluates the role's policies. What ministack 1.5.33 leaves out of a
request's context is added here, each patch with the rule of AWS that it restores; `CALL_LOG` gets each decision as a line of JSON.
"""

import json
import os
import signal
import sys
import threading

os.environ["AUTH"] = "true"

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import lambda_svc, sts

# The partition keys of the table and of its indexes.
PARTITION_KEYS = {"PK", "GSI1PK", "GSI2PK"}

# How many instances of functions may wait for their next request, all together.
IDLE_INSTANCES = 32


class KeyedAction(str):
    """An action of one item of a transaction, with the partition keys of that item."""

    keys = ()


def parsed(body):
    try:
        return json.loads(body or b"{}")
    except ValueError:
        return {}


def text(value):
    return next(iter(value.values()), None) if isinstance(value, dict) else None


def queried(request):
    """The partition keys that a KeyConditionExpression names."""
    names, values = request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {}
    for part in request.get("KeyConditionExpression", "").replace("(", " ").replace(")", " ").split(" AND "):
        words = part.replace("=", " = ").split()
        if len(words) == 3 and words[1] == "=" and names.get(words[0], words[0]) in PARTITION_KEYS:
            yield text(values.get(words[2]))


def leading_keys(request):
    """The partition keys that a request, or one item of a transaction, names."""
    keys = [text(request[member].get("PK")) for member in ("Key", "Item") if isinstance(request.get(member), dict)]
    for table in (request.get("RequestItems") or {}).values():
        keys += [text(key.get("PK")) for key in table.get("Keys", [])] if isinstance(table, dict) else []
    return [key for key in [*keys, *queried(request)] if key is not None]


def with_kms_context(original):
    """AWS KMS puts kms:EncryptionContext:*, kms:SigningAlgorithm and kms:MessageType of the request into its context."""

    def request_tag_context(service, action, body, params):
        context, request = dict(original(service, action, body, params)), parsed(body) if service == "kms" else {}
        for key, value in (request.get("EncryptionContext") or {}).items():
            context[f"kms:EncryptionContext:{key}"] = value
        return context | {f"kms:{key}": request[key] for key in ("SigningAlgorithm", "MessageType") if key in request}

    return request_tag_context


def with_leading_keys(original):
    """DynamoDB puts the partition keys of a request into dynamodb:LeadingKeys."""

    def dynamodb_service_context(body):
        keys = leading_keys(parsed(body))
        return dict(original(body)) | ({"dynamodb:LeadingKeys": keys} if keys else {})

    return dynamodb_service_context


def transaction_checks(action, body, region, account):
    """IAM decides about each item of a transaction by itself, as PutItem, UpdateItem, DeleteItem, GetItem or ConditionCheckItem with its own key."""
    if action not in ("dynamodb:TransactWriteItems", "dynamodb:TransactGetItems"):
        return []
    checks = []
    for item in parsed(body).get("TransactItems") or []:
        for member, name in iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS.items():
            if member in item:
                one = KeyedAction(name)
                one.keys = leading_keys(item[member])
                checks.append((one, iam_actions._dynamodb_table_arn(item[member]["TableName"], region, account)))
    return checks


def recorded(original, log):
    """Each decision is a line of JSON: who, what, on what, with which keys, and whether it was allowed."""

    def enforce(access_key_id, action, service, region, resource_arn="*", service_context=None):
        context = dict(service_context or {})
        if isinstance(action, KeyedAction):
            context["dynamodb:LeadingKeys"] = action.keys
        refusal = original(access_key_id, str(action), service, region, resource_arn=resource_arn, service_context=context)
        session = str((sts._sessions.get(access_key_id) or {}).get("Arn", "")).split("/")
        line = {"role": session[1] if len(session) > 1 else None, "action": str(action), "resource": resource_arn}
        log.write(json.dumps(line | {"keys": context.get("dynamodb:LeadingKeys") or [], "allowed": refusal is None}) + "\n")
        return refusal

    return enforce


def over_tls(original):
    """On AWS every request comes over TLS, which the bucket's policy demands. Functions trust Amazon's roots alone, so here they speak plain HTTP."""
    return lambda source_ip, _: original(source_ip, True)


def with_few_idle(original):
    """Lambda ends instances when it likes. ministack keeps one of each function, which would be two gigabytes."""

    def acquire_worker(*arguments, **settings):
        acquired = original(*arguments, **settings)
        with lambda_runtime._lock:
            idle = [one for pool in lambda_runtime._workers.values() for one in pool if not one.in_use]
            ended = sorted(idle, key=lambda one: one.last_used)[: max(0, len(idle) - IDLE_INSTANCES)]
            for pool in lambda_runtime._workers.values():
                pool[:] = [one for one in pool if one not in ended]
        threading.Thread(target=lambda_runtime.kill_workers, args=(ended,)).start()
        return acquired

    return acquire_worker


def end_with_parent():
    """Kills the process group, with all functions, once the pipe at stdin has lost its writer: the stage has ended, however it did."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


def main(log_path):
    threading.Thread(target=end_with_parent, daemon=True).start()
    lambda_svc.acquire_worker = lambda_runtime.acquire_worker = with_few_idle(lambda_runtime.acquire_worker)
    iam_actions.request_tag_context = with_kms_context(iam_actions.request_tag_context)
    iam_actions.dynamodb_service_context = with_leading_keys(iam_actions.dynamodb_service_context)
    iam_actions.dynamodb_transaction_checks = transaction_checks
    iam_evaluator.enforce = recorded(iam_evaluator.enforce, open(log_path, "a", buffering=1, encoding="utf-8"))
    app.pin_request_origin = iam_evaluator.pin_request_origin = over_tls(iam_evaluator.pin_request_origin)
    app.main()


if __name__ == "__main__":
    # ministack has arguments of its own.
    main(sys.argv.pop(1))
