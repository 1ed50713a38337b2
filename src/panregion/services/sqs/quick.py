"""SendMessage's short cut: from the request's JSON to the message's row, with nothing in between.

Most messages are text for a standard queue, perhaps with a delay. For those the general way's steps (arguments by
name, a draft, an answer to be encoded) cost more than the keeping. Whatever is not of that form, or not right, is left
to the general way; a test holds the two equal (tests/services/sqs/test_quick.py).
"""

from collections.abc import Callable
from hashlib import md5

import msgspec

from panregion.services import Here
from panregion.services.sqs import layout, standard
from panregion.services.sqs.model import US, Message
from panregion.services.sqs.running import next_tail, now_us, running_of
from panregion.services.sqs.sending import send
from panregion.store import Transaction


class _Send(msgspec.Struct, forbid_unknown_fields=True, rename="pascal", gc=False):
    queue_url: str
    message_body: str
    delay_seconds: int | None = None


_decode = msgspec.json.Decoder(_Send).decode
_encode = msgspec.json.Encoder().encode
ANSWER = b'{"MessageId":"%b","MD5OfMessageBody":"%b"}'


def send_message(here: Here, body: bytes) -> Callable[[Transaction], bytes] | None:
    """What is to be done in a transaction, and gives the answer's body; None: ask the general way."""
    try:
        asked = _decode(body)
    except msgspec.DecodeError:
        return None
    name = running_of(here).names.get(asked.queue_url)
    text, delay_s = asked.message_body, asked.delay_seconds
    if name is None or not text or not (text.isascii() and text.isprintable()):
        return None
    if delay_s is not None and not 0 <= delay_s <= 900:
        return None

    def step(tx: Transaction) -> bytes:
        queue = layout.require_queue(tx, name)
        if queue.fifo or len(text) > queue.message_bytes_max:
            return _encode(send(here.within(tx), queue, text, delay_s))
        moment = now_us(here)
        digest = md5(text.encode(), usedforsecurity=False).hexdigest()
        message = Message(here.world.chance.uuid(), text, digest, moment, expires_from_us=moment)
        visible = moment + (queue.delay_s if delay_s is None else delay_s) * US
        standard.put(tx, queue, message, visible, next_tail(here))
        return ANSWER % (message.id.encode(), digest.encode())

    return step


STEPS = {"SendMessage": send_message}
