"""What topics, subscriptions and messages are. Pure."""

from typing import Any

import msgspec

from panregion.languages.patterns import Pattern
from panregion.services.sns.filters import compiled

DEDUPLICATION_S = 300
SUBSCRIPTIONS_MAX = 12_500_000
FIFO_SUBSCRIPTIONS_MAX = 100
FILTER_POLICIES_MAX = 200
TAGS_MAX = 50


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    fifo: bool
    attributes: dict[str, str]
    """As they were set, by AWS's names."""
    tags: dict[str, str] = {}
    deleted: int = 0
    """Subscriptions that were deleted."""

    @property
    def content_deduplication(self) -> bool:
        return self.attributes.get("ContentBasedDeduplication") == "true"

    @property
    def deduplication_by_group(self) -> bool:
        return self.attributes.get("FifoThroughputScope") == "MessageGroup"

    @property
    def signature_version(self) -> str:
        return self.attributes.get("SignatureVersion", "1")


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    topic: str
    id: str
    protocol: str
    endpoint: str
    attributes: dict[str, str]
    confirmed: bool
    authenticated: bool = False
    token: str | None = None
    """With which it may be confirmed."""

    @property
    def raw(self) -> bool:
        return self.attributes.get("RawMessageDelivery") == "true"

    @property
    def scope(self) -> str:
        return self.attributes.get("FilterPolicyScope", "MessageAttributes")

    @property
    def filter(self) -> Pattern | None:
        text = self.attributes.get("FilterPolicy")
        return compiled(text, self.scope) if text else None

    @property
    def dead_letter_arn(self) -> str | None:
        text = self.attributes.get("RedrivePolicy")
        arn: str | None = msgspec.json.decode(text).get("deadLetterTargetArn") if text else None
        return arn


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """What came of a deduplication id."""

    until_s: float
    message_id: str
    sequence: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A published message. `texts` is what each protocol gets of it, `default` what the others get."""

    id: str
    topic_arn: str
    texts: dict[str, str]
    subject: str | None = None
    attributes: dict[str, dict[str, Any]] = {}
    timestamp: str = ""
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None

    def text_for(self, protocol: str) -> str:
        return self.texts.get(protocol, self.texts["default"])
