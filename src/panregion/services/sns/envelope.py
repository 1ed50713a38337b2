"""What a subscriber is sent: SNS's own document around a message, or the message alone. Pure but for signing."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from panregion.services import Here
from panregion.services.sns.model import Notice, Subscription
from panregion.services.sns.names import subscription_arn
from panregion.services.sns.signing import key_of, sign, string_to_sign

Json = dict[str, Any]
VERSION = "2010-03-31"


def action_url(here: Here, action: str, **fields: str) -> str:
    """A link that carries out an action. It has the region's own address, which every receiver can reach."""
    return f"{here.settings.endpoint(here.region)}/?{urlencode({'Action': action, **fields, 'Version': VERSION})}"


def unsubscribe_url(here: Here, subscription: Subscription) -> str:
    return action_url(here, "Unsubscribe", SubscriptionArn=subscription_arn(here, subscription.topic, subscription.id))


def signed(here: Here, message: dict[str, str], version: str) -> dict[str, str]:
    """The members by which a receiver checks who sent it."""
    key = key_of(here)
    signature = base64.b64encode(sign(key, version, string_to_sign(message))).decode()
    url = here.settings.endpoint(here.region) + key.path
    return {"SignatureVersion": version, "Signature": signature, "SigningCertURL": url}


def notification(here: Here, subscription: Subscription, notice: Notice, version: str) -> Json:
    """The document of a notification. Those of FIFO topics are numbered, and not signed."""
    document: Json = {"Type": "Notification", "MessageId": notice.id}
    if notice.sequence is not None:
        document["SequenceNumber"] = notice.sequence
    document["TopicArn"] = notice.topic_arn
    if notice.subject is not None:
        document["Subject"] = notice.subject
    document |= {"Message": notice.text_for(subscription.protocol), "Timestamp": notice.timestamp}
    if notice.sequence is None:
        document |= signed(here, document, version)
    document["UnsubscribeURL"] = unsubscribe_url(here, subscription)
    if notice.attributes:
        document["MessageAttributes"] = shown(notice.attributes)
    return document


def shown(attributes: Mapping[str, Mapping[str, Any]]) -> Json:
    return {
        name: {"Type": attribute["DataType"], "Value": attribute.get("StringValue") or attribute.get("BinaryValue")}
        for name, attribute in attributes.items()
    }


def as_text(document: Json) -> str:
    """The document as SNS writes it."""
    return json.dumps(document, indent=2, separators=(",", " : "), ensure_ascii=False)


def for_function(document: Json, arn: str) -> Json:
    """The event by which a function is invoked."""
    inner = {name: value for name, value in document.items() if name not in ("SigningCertURL", "UnsubscribeURL")}
    inner |= {
        "Subject": document.get("Subject"),
        "SigningCertUrl": document.get("SigningCertURL"),
        "UnsubscribeUrl": document["UnsubscribeURL"],
        "MessageAttributes": document.get("MessageAttributes", {}),
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": arn, "Sns": inner}
    return {"Records": [record]}


def confirmation(
    here: Here, subscription: Subscription, topic_arn: str, message_id: str, at: str, version: str
) -> Json:
    """What a web server is asked before it gets anything."""
    assert subscription.token is not None, "only what is to be confirmed is asked"
    document = {
        "Type": "SubscriptionConfirmation",
        "MessageId": message_id,
        "Token": subscription.token,
        "TopicArn": topic_arn,
        "Message": f"You have chosen to subscribe to the topic {topic_arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message.",
        "SubscribeURL": action_url(here, "ConfirmSubscription", TopicArn=topic_arn, Token=subscription.token),
        "Timestamp": at,
    }
    return document | signed(here, document, version)
