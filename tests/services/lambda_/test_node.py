"""Handlers in Node.js, under our client for the Runtime API."""

import json
import shutil
from typing import Any

import pytest

from panregion.functions import zipped
from tests.services.lambda_.conftest import Deploy
from tests.services.lambda_.test_invoke import call, eventually
from tests.support import ServedRegion

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="this machine has no node")

NODE: dict[str, Any] = {"Runtime": "nodejs22.x", "Timeout": 10}


def log_lines(served: ServedRegion, name: str) -> list[str]:
    """The function's log, once an invocation has ended in it."""
    logs = served.client("logs")

    def found() -> Any:
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        texts = [event["message"] for event in events]
        return texts if any("REPORT" in text or "platform.report" in text for text in texts) else None

    lines: list[str] = eventually(found)
    return lines


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("exports.handler = async (event, context) => [event, context.functionName.slice(0, 4)];", [1, "test"]),
        ("exports.handler = (event, context, callback) => setTimeout(() => callback(null, 'called'), 5);", "called"),
        ("exports.handler = () => 'at once';", "at once"),
        ("exports.handler = async () => {};", None),
        ("exports.handler = async (e, c) => c.getRemainingTimeInMillis() > 5000;", True),
    ],
)
def test_handlers_answer_in_every_way(client: Any, deploy: Deploy, source: str, expected: Any) -> None:
    assert call(client, deploy({"app.js": source}, **NODE), 1)["Result"] == expected


def test_a_handler_deep_in_folders_and_objects(client: Any, deploy: Deploy) -> None:
    files: dict[str, str | bytes] = {"dist/app.mjs": "export const api = { get: async () => 'got' };"}
    assert call(client, deploy(files, "dist/app.api.get", **NODE))["Result"] == "got"


def test_modules_of_layers_are_found(client: Any, deploy: Deploy) -> None:
    content = {"ZipFile": zipped({"nodejs/node_modules/shared/index.js": "exports.name = 'layer';"})}
    arn = client.publish_layer_version(LayerName="modules", Content=content)["LayerVersionArn"]
    source = "exports.handler = async () => require('shared').name;"
    assert call(client, deploy({"app.js": source}, Layers=[arn], **NODE))["Result"] == "layer"


@pytest.mark.parametrize(
    ("files", "handler", "kind"),
    [
        ({"app.js": "throw new RangeError('r')"}, "app.handler", "RangeError"),
        ({"app.js": ""}, "app.handler", "Runtime.HandlerNotFound"),
        ({"app.js": ""}, "other.handler", "Runtime.ImportModuleError"),
        ({"app.js": "exports.handler = async () => { throw new TypeError('t'); }"}, "app.handler", "TypeError"),
        ({"app.js": "exports.handler = async () => { throw 'text'; }"}, "app.handler", "string"),
        (
            {"app.js": "exports.handler = async () => { Promise.reject(Error('x')); await new Promise(() => {}); }"},
            "app.handler",
            "Runtime.UnhandledPromiseRejection",
        ),
        (
            {"app.js": "exports.handler = (e, c, done) => setTimeout(() => { throw new EvalError('late'); }, 1);"},
            "app.handler",
            "EvalError",
        ),
        ({"app.js": "exports.handler = async () => process.exit(3);"}, "app.handler", "Runtime.ExitError"),
    ],
)
def test_what_goes_wrong_has_its_name(
    client: Any, deploy: Deploy, files: dict[str, str | bytes], handler: str, kind: str
) -> None:
    name = deploy(files, handler, **NODE)
    for _ in range(2):  # whatever became of the first worker, there is another one
        answer = call(client, name)
        assert (answer["FunctionError"], answer["Result"]["errorType"]) == ("Unhandled", kind)


def test_logs_as_text(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    source = "exports.handler = async () => { console.warn('a', { b: 1 }, '\\nsecond line'); };"
    name = deploy({"app.js": source}, **NODE)
    call(client, name)
    (line,) = (line for line in log_lines(served, name) if "WARN" in line)
    at, request_id, level, text = line.split("\t", 3)
    assert (at[-1], len(request_id), level, text) == ("Z", 36, "WARN", "a { b: 1 } \nsecond line\n")


def test_logs_as_json_have_levels(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    source = """
exports.handler = async () => {
  console.debug("unseen");
  console.info({ order: 7 });
  console.error("went", "wrong", new RangeError("no"));
};
"""
    name = deploy({"app.js": source}, LoggingConfig={"LogFormat": "JSON"}, **NODE)
    call(client, name)
    lines = [json.loads(line) for line in log_lines(served, name)]
    own = [line for line in lines if "level" in line]
    assert (own[0]["level"], own[0]["message"]) == ("INFO", {"order": 7})
    assert own[1]["level"] == "ERROR"
    assert (own[1]["errorType"], own[1]["errorMessage"]) == ("RangeError", "no")
    assert len({line["requestId"] for line in own}) == 1
    assert len(own) == 2
    assert "platform.report" in {line.get("type") for line in lines}
