"""What a configuration says, and how it is checked: log formats, runtimes that are not quite those asked for."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.functions import runtime_named
from panregion.functions.runtimes import PYTHON_VERSION
from tests.services.lambda_.conftest import Deploy
from tests.support import ServedRegion

HANDLER = "def handler(event, context):\n    return event\n"


def test_logs_as_json_have_levels_and_logs_as_text_have_none(client: Any, deploy: Deploy) -> None:
    name = deploy(HANDLER)
    group = {"LogGroup": f"/aws/lambda/{name}"}

    def changed(**config: str) -> dict[str, str]:
        told = client.update_function_configuration(FunctionName=name, LoggingConfig=config)["LoggingConfig"]
        return dict(told)

    json_levels = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    assert changed(LogFormat="JSON") == {**json_levels, **group}
    assert changed(ApplicationLogLevel="ERROR") == {**json_levels, "ApplicationLogLevel": "ERROR", **group}
    assert changed(LogFormat="Text") == {"LogFormat": "Text", **group}
    with pytest.raises(ClientError, match="the LogFormat must be JSON"):
        changed(SystemLogLevel="WARN")
    assert changed(LogGroup="shared") == {"LogFormat": "Text", "LogGroup": "shared"}


def test_a_runtime_that_differs_here_says_so(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    own, other = deploy(HANDLER, Runtime=f"python{PYTHON_VERSION}"), deploy(HANDLER, Runtime="python3.9")
    assert "StateReason" not in client.get_function_configuration(FunctionName=own)
    reason = client.get_function_configuration(FunctionName=other)["StateReason"]
    assert reason == f"panregion: {runtime_named('python3.9').warning}"
    for name, said in ((own, ""), (other, runtime_named("python3.9").warning)):
        asked = served.region.ask("lambda", "panregion:Prepare", {"FunctionName": name})
        assert served.run(asked) == {"said": None, "warning": said}


def test_waiters_wait_for_what_is_under_way(client: Any, deploy: Deploy) -> None:
    name = deploy(HANDLER)
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    answer = client.update_function_configuration(FunctionName=name, Timeout=9)
    assert answer["LastUpdateStatus"] == "InProgress"
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert client.get_function_configuration(FunctionName=name)["Timeout"] == 9


def test_what_nobody_configures_is_told_as_it_is(client: Any, deploy: Deploy) -> None:
    name = deploy(HANDLER)
    assert client.get_function_code_signing_config(FunctionName=name)["CodeSigningConfigArn"] == ""
    managed = client.get_runtime_management_config(FunctionName=name)
    assert (managed["UpdateRuntimeOn"], managed["FunctionArn"].rpartition(":")[2]) == ("Auto", name)
    for ask in (client.get_function_code_signing_config, client.get_runtime_management_config):
        with pytest.raises(ClientError) as error:
            ask(FunctionName="nowhere")
        assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
