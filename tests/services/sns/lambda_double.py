"""A lambda that remembers how it was invoked, and is out of order when told to."""

from types import ModuleType
from typing import Any

from panregion.services import Here, Service
from panregion.wire import AwsError

INVOKED = "invoked"


def invoke(here: Here, function_name: str, invocation_type: str, payload: bytes) -> dict[str, Any]:
    state = here.running.setdefault("lambda-double", {INVOKED: [], "failures": 0})
    if state["failures"]:
        state["failures"] -= 1
        raise AwsError.of("ServiceException", "out of order", 500)
    if function_name.endswith(":gone"):
        raise AwsError.of("ResourceNotFoundException", "Function not found", 404)
    state[INVOKED].append((function_name, invocation_type, payload))
    return {"StatusCode": 202}


API = ModuleType("lambda-double")
API.invoke = invoke  # type: ignore[attr-defined]
SERVICE = Service(name="lambda", api=API)
