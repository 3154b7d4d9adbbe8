"""Functions that stand for Lambda triggers in the tests."""

import threading
import time

release = threading.Event()
calls: list[str] = []


def approve(event, context):
    event["response"]["ok"] = True
    event["context"] = [context.function_name, context.get_remaining_time_in_millis() > 0]
    return event


def approve_without_context(event):
    event["response"]["ok"] = True
    return event


def refuse(event, context):
    calls.append("refuse")
    raise ValueError("not allowed")


def leave(event, context):
    raise SystemExit("bye")


def hang(event, context):
    calls.append("hang")
    release.wait(10)
    return event


def hang_once(event, context):
    calls.append("hang_once")
    if len(calls) == 1:
        time.sleep(0.4)
    return event


def nothing(event, context):
    return None


def empty(event, context):
    return {}


def text(event, context):
    return "ok"


def drop_request(event, context):
    return {"response": {}}


def unserializable(event, context):
    return event | {"response": {1, 2}}


not_a_function = 1
