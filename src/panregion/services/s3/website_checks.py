"""What AWS takes as a website's configuration, beyond its shape. Pure."""

from collections.abc import Iterator
from typing import Any

from panregion.services.s3.errors import InvalidArgument, InvalidRequest, MalformedXML

RULES_MAX = 50
REDIRECT_CODES = frozenset({301, 302, 303, 304, 305, 307, 308})


def check_configuration(configuration: dict[str, Any]) -> None:
    """Raises InvalidArgument, InvalidRequest, MalformedXML."""
    everything = configuration.get("RedirectAllRequestsTo")
    if everything is not None:
        _check_everything(configuration, everything)
        return
    index = configuration.get("IndexDocument")
    if index is None:
        raise _argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null",
        )
    if not index["Suffix"] or "/" in index["Suffix"]:
        raise _argument("The IndexDocument Suffix is not well formed", "IndexDocument", index["Suffix"])
    rules = configuration.get("RoutingRules")
    if rules is not None and not rules:
        raise MalformedXML("The XML you provided was not well-formed or did not validate against our published schema")
    if len(rules or ()) > RULES_MAX:
        raise InvalidRequest(
            f"{len(rules or ())} routing rules provided, the number of routing rules in a website configuration is "
            f"limited to {RULES_MAX}."
        )
    for problem in (problem for rule in rules or () for problem in _problems(rule)):
        raise InvalidRequest(problem)


def _check_everything(configuration: dict[str, Any], everything: dict[str, str]) -> None:
    if len(configuration) > 1:
        raise _argument(
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
            "RedirectAllRequestsTo",
            "not null",
        )
    if not everything["HostName"]:
        raise InvalidRequest('A host name must be provided to redirect all requests (e.g. "example.com").')


def _problems(rule: dict[str, Any]) -> Iterator[str]:
    redirect, condition = rule["Redirect"], rule.get("Condition")
    if "ReplaceKeyPrefixWith" in redirect and "ReplaceKeyWith" in redirect:
        yield "You can only define ReplaceKeyPrefix or ReplaceKey but not both."
    code = redirect.get("HttpRedirectCode")
    if code is not None and _number(code) not in REDIRECT_CODES:
        yield f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300."
    if condition is None:
        return
    if not condition:
        yield (
            "Condition cannot be empty. To redirect all requests without a condition, the condition element "
            "shouldn't be present."
        )
    error = condition.get("HttpErrorCodeReturnedEquals")
    if error is not None and not 400 <= _number(error) < 600:
        yield f"The provided HTTP error code ({error}) is not valid. Valid codes are 4XX or 5XX."


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 3):
        return 0
    return int(text)


def _argument(message: str, name: str, value: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName=name, ArgumentValue=value)
