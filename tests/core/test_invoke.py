import logging
import threading
import time

import pytest
from django.db import transaction

from identity.core import invoke
from tests.core import functions
from tests.races import wait_for

pytestmark = pytest.mark.core_suite

ARN = "arn:aws:lambda:us-east-1:000000000000:function:hook"
EVENT = {"version": "1", "request": {"userAttributes": {"email": "a@example.com"}}, "response": {}}


@pytest.fixture(autouse=True)
def fresh_functions():
    functions.release.clear()
    functions.calls.clear()
    yield
    functions.release.set()


@pytest.fixture
def hook(identity):
    def use(target, **settings):
        path = target if "://" in target else f"tests.core.functions.{target}"
        identity(TRIGGERS={ARN: path}, **settings)

    return use


@pytest.mark.parametrize("name", ["approve", "approve_without_context"])
def test_a_python_function_answers_like_a_lambda_handler(hook, name):
    hook(name)

    answer = invoke.call(ARN, EVENT)

    assert answer["response"] == {"ok": True}
    assert answer.get("context", ["hook", True]) == ["hook", True]
    assert EVENT["response"] == {}


@pytest.mark.django_db
def test_no_function_is_called_inside_a_transaction(hook):
    hook("approve")

    with transaction.atomic(), pytest.raises(RuntimeError, match="outside atomic"):
        invoke.call(ARN, EVENT)
    assert invoke.call(ARN, EVENT)["response"] == {"ok": True}


def test_a_version_of_the_function_needs_no_entry_of_its_own(hook):
    hook("approve")

    assert invoke.call(ARN + ":prod", EVENT)["response"] == {"ok": True}


def test_a_function_that_raises_refuses_with_its_words_once(hook):
    hook("refuse")

    with pytest.raises(invoke.FunctionError) as refused:
        invoke.call(ARN, EVENT)
    assert refused.value.message == "not allowed"
    assert functions.calls == ["refuse"]


def test_a_function_that_ends_its_thread_is_a_refusal(hook):
    hook("leave")

    with pytest.raises(invoke.FunctionError, match="bye"):
        invoke.call(ARN, EVENT)


@pytest.mark.parametrize("name", ["nothing", "empty", "text", "drop_request"])
def test_an_answer_that_is_not_the_event_is_unrecognizable(hook, name):
    hook(name)

    with pytest.raises(invoke.Unrecognizable):
        invoke.call(ARN, EVENT)


def test_an_answer_that_is_no_json_is_the_functions_fault(hook):
    hook("unserializable")

    with pytest.raises(invoke.FunctionError, match="Unable to marshal response"):
        invoke.call(ARN, EVENT)


def test_a_time_out_is_tried_again(hook):
    hook("hang_once")

    assert invoke.call(ARN, EVENT, timeout=0.2) == EVENT
    assert functions.calls == ["hang_once", "hang_once"]


def test_after_three_time_outs_the_call_has_failed(hook):
    hook("hang")

    with pytest.raises(invoke.InvocationFailed) as failed:
        invoke.call(ARN, EVENT, timeout=0.1)

    assert failed.value.error_code == "TimeoutException"
    assert functions.calls == ["hang"] * 3


def answer():
    try:
        return invoke.call(ARN, EVENT)
    except invoke.InvocationFailed:
        return None


def test_a_function_that_hangs_keeps_its_slot_until_it_ends(hook):
    hook("hang", TRIGGER_THREADS=2)
    with pytest.raises(invoke.InvocationFailed, match="TooManyRequestsException"):
        invoke.call(ARN, EVENT, timeout=0.1)
    assert len(functions.calls) == 2

    functions.release.set()
    assert wait_for(answer, "slot that was given back") == EVENT


def test_one_too_many_at_once_fails_fast(hook):
    hook("hang", TRIGGER_THREADS=1)
    first = threading.Thread(target=invoke.call, args=(ARN, EVENT))
    first.start()
    while not functions.calls:
        time.sleep(0.001)

    with pytest.raises(invoke.InvocationFailed, match="TooManyRequestsException"):
        invoke.call(ARN, EVENT)

    assert first.is_alive()
    functions.release.set()
    first.join()


def test_an_unknown_function_is_not_found_and_the_operator_told(hook, caplog):
    hook("approve")

    with pytest.raises(invoke.InvocationFailed, match="ResourceNotFoundException"):
        invoke.call(ARN + "2", EVENT)
    assert "IDENTITY_TRIGGERS" in caplog.text


@pytest.mark.parametrize("name", ["absent", "not_a_function"])
def test_a_path_that_leads_to_no_function_is_not_found(hook, caplog, name):
    hook(name)

    with caplog.at_level(logging.ERROR), pytest.raises(invoke.InvocationFailed, match="ResourceNotFound"):
        invoke.call(ARN, EVENT)
    assert name in caplog.text


# Webhooks


def test_a_webhook_gets_the_event_and_answers_it(hook, http_server, identity):
    http_server.answer("/hook", EVENT | {"response": {"ok": 1}})
    hook(http_server.url("/hook"), FETCH_PRIVATE=())

    assert invoke.call(ARN, EVENT)["response"] == {"ok": 1}
    (seen,) = http_server.seen
    assert seen["method"] == "POST"
    assert seen["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize("body", [{"errorMessage": "not allowed", "errorType": "E"}, b"nonsense", []])
def test_a_webhooks_function_error_is_a_refusal(hook, http_server, body):
    http_server.answer("/hook", body, headers={"X-Amz-Function-Error": "Unhandled"})
    hook(http_server.url("/hook"))

    with pytest.raises(invoke.FunctionError) as refused:
        invoke.call(ARN, EVENT)
    assert refused.value.message == ("not allowed" if isinstance(body, dict) else "Unhandled")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "AccessDeniedException"),
        (404, "ResourceNotFoundException"),
        (429, "TooManyRequestsException"),
        (302, "ServiceException"),
        (500, "ServiceException"),
    ],
)
def test_a_webhook_that_fails_is_a_failed_invocation_once(hook, http_server, status, code):
    http_server.answer("/hook", {}, status=status)
    hook(http_server.url("/hook"))

    with pytest.raises(invoke.InvocationFailed) as failed:
        invoke.call(ARN, EVENT)
    assert failed.value.error_code == code
    assert len(http_server.seen) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"{}", b'"x"', b'{"response":{}}'])
def test_a_webhooks_answer_that_is_not_the_event_is_unrecognizable(hook, http_server, body):
    http_server.answer("/hook", body)
    hook(http_server.url("/hook"))

    with pytest.raises(invoke.Unrecognizable):
        invoke.call(ARN, EVENT)


def test_a_silent_webhook_is_tried_three_times(hook, http_server):
    http_server.answers["/hook"] = lambda request: functions.release.wait(5)
    hook(http_server.url("/hook"))

    with pytest.raises(invoke.InvocationFailed, match="TimeoutException"):
        invoke.call(ARN, EVENT, timeout=0.15)
    assert len(http_server.seen) == 3


def test_a_webhook_that_is_down_is_a_failed_invocation(hook, caplog):
    hook("http://127.0.0.1:1/hook?key=secret")

    with pytest.raises(invoke.InvocationFailed, match="ServiceException"):
        invoke.call(ARN, EVENT)
    assert "secret" not in caplog.text
