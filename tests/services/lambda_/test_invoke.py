"""Functions invoked as customers invoke them: real processes, AWS's own client."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.functions import zipped
from tests.services.lambda_.conftest import Deploy
from tests.support import ServedRegion

ECHO = "def handler(event, context):\n    return {'event': event}\n"


def call(client: Any, name: str, payload: Any = None, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.invoke(FunctionName=name, Payload=json.dumps(payload).encode(), **params)
    answer["Result"] = json.loads(answer.pop("Payload").read())
    return answer


def test_returns_what_the_handler_returns(client: Any, deploy: Deploy) -> None:
    answer = call(client, deploy(ECHO), {"a": [1, "ü"]})
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert answer["Result"] == {"event": {"a": [1, "ü"]}}


def test_context_and_environment_are_lambdas(client: Any, deploy: Deploy) -> None:
    name = deploy(
        """
import os, sys, tempfile
def handler(event, context):
    return {
        "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis(), "cwd": os.getcwd(),
        "memory": context.memory_limit_in_mb, "group": context.log_group_name, "env": dict(os.environ),
        "tmp": tempfile.gettempdir(), "packages": [p for p in sys.path if "site-packages" in p],
    }
""",
        Environment={"Variables": {"COLOUR": "blue"}},
        MemorySize=256,
        Timeout=7,
    )
    seen = call(client, name)["Result"]
    assert seen["arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert 5000 < seen["left"] <= 7000
    assert (seen["memory"], seen["group"]) == ("256", f"/aws/lambda/{name}")
    env = seen["env"]
    assert env["COLOUR"] == "blue"
    assert env["AWS_REGION"] == "us-east-1"
    assert env["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert env["LAMBDA_TASK_ROOT"] == seen["cwd"]
    assert env["AWS_ENDPOINT_URL"].startswith("http://")
    assert seen["tmp"] == env["TMPDIR"]
    assert seen["packages"] == []


def test_an_environment_is_made_once_and_used_again(client: Any, deploy: Deploy) -> None:
    name = deploy("import os\ncount = 0\ndef handler(e, c):\n    global count\n    count += 1\n    return count\n")
    assert [call(client, name)["Result"] for _ in range(3)] == [1, 2, 3]


def test_a_raised_exception_is_a_function_error(client: Any, deploy: Deploy) -> None:
    answer = call(client, deploy("def handler(e, c):\n    raise ValueError('no')\n"))
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert answer["Result"]["errorType"] == "ValueError"
    assert answer["Result"]["errorMessage"] == "no"
    assert "raise ValueError" in answer["Result"]["stackTrace"][0]


def test_a_timeout_kills(client: Any, deploy: Deploy) -> None:
    answer = call(client, deploy("import time\ndef handler(e, c):\n    time.sleep(60)\n", Timeout=1), LogType="Tail")
    assert answer["Result"]["errorType"] == "Sandbox.Timedout"
    assert answer["Result"]["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert "Status: timeout" in base64.b64decode(answer["LogResult"]).decode()


def test_a_crash_is_an_exit_error_and_the_next_call_works(client: Any, deploy: Deploy) -> None:
    name = deploy("import os\ndef handler(e, c):\n    return os._exit(3) if e else 'fine'\n")
    answer = call(client, name, True)
    assert answer["Result"]["errorType"] == "Runtime.ExitError"
    assert answer["Result"]["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert call(client, name, False)["Result"] == "fine"


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        ("import nonsense", "app.handler", "Runtime.ImportModuleError", "No module named 'nonsense'"),
        ("import yaml", "app.handler", "Runtime.ImportModuleError", "No module named 'yaml'"),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("def f(:", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("1 / 0", "app.handler", "ZeroDivisionError", "division by zero"),
        ("x = 1", "other.handler", "Runtime.ImportModuleError", "No module named 'other'"),
    ],
)
def test_what_does_not_import_says_why(
    client: Any, deploy: Deploy, source: str, handler: str, kind: str, message: str
) -> None:
    answer = call(client, deploy(source, handler), LogType="Tail")
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Result"]["errorType"] == kind
    assert message in answer["Result"]["errorMessage"]


def test_a_brought_boto3_is_used_instead_of_ours(client: Any, deploy: Deploy) -> None:
    files: dict[str, str | bytes] = {
        "app.py": "import boto3\ndef handler(e, c):\n    return boto3.__version__\n",
        "boto3/__init__.py": "__version__ = 'mine'\n",
    }
    assert call(client, deploy(files))["Result"] == "mine"
    assert call(client, deploy({"app.py": files["app.py"]}))["Result"] != "mine"


def test_dry_run_runs_nothing(client: Any, deploy: Deploy) -> None:
    answer = client.invoke(FunctionName=deploy("1 / 0"), InvocationType="DryRun")
    assert answer["StatusCode"] == 204


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"FunctionName": "nowhere"}, "ResourceNotFoundException"),
        ({"FunctionName": "arn:aws:lambda:eu-west-1:000000000000:function:far"}, "ResourceNotFoundException"),
        ({"FunctionName": "nowhere", "Payload": b"{not json"}, "InvalidRequestContentException"),
        ({"FunctionName": "nowhere", "Payload": b'"' + b"x" * 6291456 + b'"'}, "RequestTooLargeException"),
    ],
)
def test_bad_requests_are_refused(client: Any, params: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as error:
        client.invoke(**params)
    assert error.value.response["Error"]["Code"] == code


def test_a_response_that_is_too_large_is_an_error(client: Any, deploy: Deploy) -> None:
    answer = call(client, deploy("def handler(e, c):\n    return 'x' * 6400000\n"))
    assert answer["Result"]["errorType"] == "Function.ResponseSizeTooLarge"


def test_reserved_concurrency_of_zero_throttles(client: Any, deploy: Deploy) -> None:
    name = deploy(ECHO)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as error:
        call(client, name)
    assert error.value.response["Error"]["Code"] == "TooManyRequestsException"
    reason: Any = error.value.response
    assert reason["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    client.delete_function_concurrency(FunctionName=name)
    assert call(client, name, 1)["Result"] == {"event": 1}


def test_new_code_runs_in_a_new_environment(client: Any, deploy: Deploy) -> None:
    name = deploy("def handler(e, c):\n    return 'old'\n")
    assert call(client, name)["Result"] == "old"
    client.update_function_code(FunctionName=name, ZipFile=zipped({"app.py": "def handler(e, c):\n    return 'new'\n"}))
    assert call(client, name)["Result"] == "new"
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {"AB": "1"}})
    assert call(client, name)["Result"] == "new"


def test_versions_and_aliases_are_run_as_they_were(client: Any, deploy: Deploy) -> None:
    name = deploy("def handler(e, c):\n    return c.function_version\n")
    client.publish_version(FunctionName=name)
    client.update_function_code(FunctionName=name, ZipFile=zipped({"app.py": "def handler(e, c):\n    return 2\n"}))
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    answer = call(client, f"{name}:live")
    assert (answer["Result"], answer["ExecutedVersion"]) == ("1", "1")
    assert call(client, name)["Result"] == 2


def eventually(check: Callable[[], Any], bound_s: float = 60.0) -> Any:
    """What `check` gives, once it gives something."""
    deadline = time.monotonic() + bound_s
    while not (found := check()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)
    return found


def test_logs_are_what_aws_writes(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    name = deploy(
        """
import logging
log = logging.getLogger()
log.setLevel("INFO")
def handler(event, context):
    print("plain")
    log.info("two\\nlines")
"""
    )
    request_id = call(client, name)["ResponseMetadata"]["RequestId"]
    logs = served.client("logs")

    def messages() -> list[str]:
        try:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        texts = [event["message"] for event in found]
        return texts if any(text.startswith("REPORT") for text in texts) else []

    init, start, *written, end, report = eventually(messages)
    assert init.startswith("INIT_START Runtime Version: python:3")
    assert start.startswith("START RequestId: ")
    assert start.endswith(" Version: $LATEST\n")
    # What is printed and what is logged come by two pipes, here as on AWS: their order is the machine's.
    info, plain = sorted(written)
    assert plain == "plain\n"
    assert info.startswith("[INFO]\t")
    assert info.endswith("\ttwo\nlines\n")
    run_id = start.split()[2]
    assert run_id == request_id
    assert end == f"END RequestId: {run_id}\n"
    assert report.startswith(f"REPORT RequestId: {run_id}\tDuration: ")
    for part in ("Billed Duration", "Memory Size: 128 MB", "Max Memory Used", "Init Duration"):
        assert part in report


def test_an_event_is_run_later(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    name = deploy("def handler(e, c):\n    print('got', e)\n")
    answer = client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": 7}')
    assert answer["StatusCode"] == 202
    logs = served.client("logs")

    def found() -> Any:
        try:
            return logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="got")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []

    assert eventually(found)[0]["message"] == "got {'n': 7}\n"


def test_layers_come_before_the_runtime_and_after_the_code(client: Any, deploy: Deploy) -> None:
    first = zipped({"python/shared.py": "NAME = 'first'\n", "python/own.py": "NAME = 'layer'\n"})
    second = zipped({"python/shared.py": "NAME = 'second'\n"})
    arns = [
        client.publish_layer_version(LayerName=f"layer-{index}", Content={"ZipFile": content})["LayerVersionArn"]
        for index, content in enumerate((first, second))
    ]
    files: dict[str, str | bytes] = {
        "app.py": "import shared, own\ndef handler(e, c):\n    return [shared.NAME, own.NAME]\n",
        "own.py": "NAME = 'code'\n",
    }
    assert call(client, deploy(files, Layers=arns))["Result"] == ["second", "code"]
