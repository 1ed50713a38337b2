"""How often and when a delivery that failed is tried again. Pure.

A schedule has four phases: retries at once, retries after the least delay, retries whose delays grow from the least to
the greatest, and retries after the greatest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from panregion.services.sns.errors import invalid

FUNCTIONS = ("linear", "arithmetic", "geometric", "exponential")
DELAY_MAX_S = 3600
RETRIES_MAX = 100


@dataclass(frozen=True)
class Schedule:
    at_once: int
    at_least: int
    growing: int
    at_most: int
    least_s: float
    greatest_s: float
    function: str = "linear"

    def delay_s(self, retry: int) -> float | None:
        """How long to wait before the retry of that number, from 0 on; None where there is none."""
        if retry < self.at_once:
            return 0.0
        retry -= self.at_once
        if retry < self.at_least:
            return self.least_s
        retry -= self.at_least
        if retry < self.growing:
            return self._grown_s(retry)
        return self.greatest_s if retry - self.growing < self.at_most else None

    def _grown_s(self, retry: int) -> float:
        span = self.greatest_s - self.least_s
        share = retry / max(1, self.growing - 1)
        if self.function == "linear":
            return self.least_s + span * share
        if self.function == "arithmetic":
            return self.least_s + span * share * (retry + 1) / self.growing
        if self.function == "geometric":
            return float(self.least_s * (self.greatest_s / max(self.least_s, 1)) ** share)
        return min(self.greatest_s, self.least_s * 2.0**retry)


MANAGED = Schedule(3, 2, 10, 100_000, 1, 20, "exponential")
"""For queues and functions: for 23 days."""

HTTP_RETRY_POLICY: dict[str, Any] = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
HTTP_REQUEST_POLICY = {"headerContentType": "text/plain; charset=UTF-8"}


def effective(topic_policy: str | None, subscription_policy: str | None) -> dict[str, Any]:
    """What holds for an HTTP subscription, in AWS's form of it."""
    found: dict[str, Any] = {"healthyRetryPolicy": HTTP_RETRY_POLICY, "requestPolicy": HTTP_REQUEST_POLICY}
    topic = msgspec.json.decode(topic_policy)["http"] if topic_policy else {}
    own = msgspec.json.decode(subscription_policy) if subscription_policy else {}
    for name in ("healthyRetryPolicy", "throttlePolicy", "requestPolicy"):
        default = topic.get(f"default{name[0].upper()}{name[1:]}")
        if default:
            found[name] = {**found.get(name, {}), **default}
        if own.get(name) and not topic.get("disableSubscriptionOverrides"):
            found[name] = {**found.get(name, {}), **own[name]}
    return found


def schedule_of(policy: Mapping[str, Any]) -> Schedule:
    """The schedule of an effective policy."""
    retry = policy["healthyRetryPolicy"]
    others = retry["numNoDelayRetries"] + retry["numMinDelayRetries"] + retry["numMaxDelayRetries"]
    return Schedule(
        retry["numNoDelayRetries"],
        retry["numMinDelayRetries"],
        max(0, retry["numRetries"] - others),
        retry["numMaxDelayRetries"],
        retry["minDelayTarget"],
        retry["maxDelayTarget"],
        retry["backoffFunction"],
    )


def interval_s(policy: Mapping[str, Any]) -> float:
    """How long lies between two deliveries at least, by an effective policy's maxReceivesPerSecond."""
    most = (policy.get("throttlePolicy") or {}).get("maxReceivesPerSecond")
    return 1 / most if most else 0.0


def check(text: str, *, of_topic: bool, prefix: str) -> None:
    """Raises InvalidParameterException for what is no delivery policy; `prefix` begins its message."""
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise invalid(f"{prefix}DeliveryPolicy: failed to parse JSON.") from error
    if of_topic:
        document = document.get("http") if isinstance(document, dict) else None
    if not isinstance(document, dict) or any(not isinstance(part, dict | bool | None) for part in document.values()):
        raise invalid(f"{prefix}DeliveryPolicy: failed to parse JSON.")
    retry = document.get("defaultHealthyRetryPolicy" if of_topic else "healthyRetryPolicy")
    if retry is not None:
        _check_retry({**HTTP_RETRY_POLICY, **retry}, prefix)
    throttle = document.get("defaultThrottlePolicy" if of_topic else "throttlePolicy")
    most = None if throttle is None else throttle.get("maxReceivesPerSecond")
    if most is not None and (not isinstance(most, int) or most < 1):
        raise invalid(f"{prefix}DeliveryPolicy: maxReceivesPerSecond must be greater than or equal to 1")


def _check_retry(retry: Mapping[str, Any], prefix: str) -> None:
    counts = ("numRetries", "numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries")
    for name in (*counts, "minDelayTarget", "maxDelayTarget"):
        if not isinstance(retry[name], int) or retry[name] < 0:
            raise invalid(f"{prefix}DeliveryPolicy: {name} must be greater than or equal to 0")
    if retry["numRetries"] > RETRIES_MAX:
        raise invalid(f"{prefix}DeliveryPolicy: numRetries must be less than or equal to {RETRIES_MAX}")
    if sum(retry[name] for name in counts[1:]) > retry["numRetries"]:
        raise invalid(
            f"{prefix}DeliveryPolicy: numRetries must be greater than or equal to the sum of numNoDelayRetries, "
            "numMinDelayRetries and numMaxDelayRetries"
        )
    if not retry["minDelayTarget"] <= retry["maxDelayTarget"] <= DELAY_MAX_S:
        raise invalid(f"{prefix}DeliveryPolicy: maxDelayTarget must be at least minDelayTarget and at most 3600")
    if retry["backoffFunction"] not in FUNCTIONS:
        raise invalid(f"{prefix}DeliveryPolicy: backoffFunction must be one of {', '.join(FUNCTIONS)}")
