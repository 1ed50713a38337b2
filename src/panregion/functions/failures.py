"""What Lambda answers when a function did not: bodies worded as AWS words them. Pure."""

import json
import signal
from typing import Any


def body(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def timed_out(request_id: str, timeout_s: int) -> bytes:
    return body("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds")


def how_it_exited(status: int) -> str:
    """AWS's words for an exit code; a negative one is that of a signal."""
    if status == 0:
        return "Runtime exited without providing a reason"
    if status < 0:
        names = {signal.SIGKILL: "killed", signal.SIGTERM: "terminated", signal.SIGSEGV: "segmentation fault"}
        number = signal.Signals(-status)
        return f"Runtime exited with error: signal: {names.get(number, number.name)}"
    return f"Runtime exited with error: exit status {status}"


def exited(request_id: str, status: int) -> bytes:
    return body("Runtime.ExitError", f"RequestId: {request_id} Error: {how_it_exited(status)}")


def too_large(limit_bytes: int) -> bytes:
    message = f"Response payload size exceeded maximum allowed payload size ({limit_bytes} bytes)."
    return body("Function.ResponseSizeTooLarge", message)


def error_type(payload: bytes) -> str:
    """The errorType of a body that a runtime posted, if it has one."""
    try:
        error: Any = json.loads(payload)
    except ValueError:
        return ""
    return str(error.get("errorType", "")) if isinstance(error, dict) else ""
