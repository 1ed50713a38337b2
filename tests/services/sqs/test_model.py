"""A queue against a naive model of one: whatever is asked of both, they answer alike.

The model is a list of messages; each says when it may be seen and which receipt is its last. Short polling, one client:
what a queue promises is then exact.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from panregion.wire import AwsError
from panregion.world import ManualClock, World
from tests.services.sqs.lab import Lab
from tests.support import region_in

VISIBILITY_S, DELAY_MAX_S, RECEIVES_MAX = 10, 20, 3
GROUPS = st.sampled_from("abc")


@dataclass
class Plain:
    """A message of the model."""

    body: str
    group: str
    visible_at: float
    receives: int = 0
    receipt: str = ""


class QueueMachine(RuleBasedStateMachine):
    """Sends, receives, deletes, changes visibility and lets time pass, on a queue and on the model."""

    fifo = False

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.clock = ManualClock()
        self.messages: list[Plain] = []
        self.dead: list[str] = []
        self.receipts: list[tuple[str, str]] = []
        self.count = 0

    def run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    @property
    def suffix(self) -> str:
        return ".fifo" if self.fifo else ""

    @initialize()
    def begin(self) -> None:
        async def prepare() -> tuple[Lab, str, str]:
            region = region_in(Path(self.folder.name), world=World(clock=self.clock))
            await region.start()
            lab = Lab(region, self.clock)
            dead = await lab.queue(f"dead{self.suffix}")
            target = f"arn:aws:sqs:us-east-1:000000000000:dead{self.suffix}"
            policy = f'{{"deadLetterTargetArn": "{target}", "maxReceiveCount": {RECEIVES_MAX}}}'
            url = await lab.queue(f"q{self.suffix}", VisibilityTimeout=str(VISIBILITY_S), RedrivePolicy=policy)
            return lab, url, dead

        self.lab, self.url, self.dead_url = self.run(prepare())

    def teardown(self) -> None:
        if hasattr(self, "lab"):
            self.run(self.lab.region.stop())
        self.loop.close()
        self.folder.cleanup()

    @property
    def now(self) -> float:
        return self.clock.now()

    @rule(group=GROUPS, delay=st.integers(0, DELAY_MAX_S))
    def send(self, group: str, delay: int) -> None:
        self.count += 1
        body = f"{group}{self.count}"
        params: dict[str, Any] = {"DelaySeconds": delay}
        if self.fifo:
            params, delay = {"MessageGroupId": group, "MessageDeduplicationId": body}, 0
        self.run(self.lab.send(self.url, body, **params))
        self.messages.append(Plain(body, group, self.now + delay))

    @rule(wanted=st.integers(1, 10), hide=st.sampled_from([0, 1, VISIBILITY_S]))
    def receive(self, wanted: int, hide: int) -> None:
        found = self.run(self.lab.receive(self.url, wanted, VisibilityTimeout=hide))
        expected = self.expected(wanted)
        if self.fifo:  # which group comes first is not promised, the order within each is
            found_groups = {group: [one["Body"] for one in found if one["Body"][0] == group] for group in "abc"}
            for group, bodies in found_groups.items():
                assert bodies == [one.body for one in expected if one.group == group][: len(bodies)]
            assert len(found) == min(wanted, len(expected))
        else:
            assert sorted(one["Body"] for one in found) == sorted(one.body for one in expected[: len(found)])
            assert len(found) == min(wanted, len(expected))
        for one in found:
            message = next(other for other in self.messages if other.body == one["Body"])
            message.receives += 1
            message.visible_at = self.now + hide
            message.receipt = one["ReceiptHandle"]
            self.receipts.append((message.body, message.receipt))

    def expected(self, wanted: int) -> list[Plain]:
        """What a receiver may get, in order; the dead leave on the way, as far as the queue looks."""
        if self.fifo:
            return [message for group in "abc" for message in self.expected_of(group)]
        passed = sorted((one for one in self.messages if one.visible_at <= self.now), key=lambda one: one.visible_at)
        return self.bury(passed, wanted)

    def expected_of(self, group: str) -> list[Plain]:
        line = [one for one in self.messages if one.group == group]
        if any(one.receives and one.visible_at > self.now for one in line):
            return []
        return [one for one in line if one.receives < RECEIVES_MAX]

    def bury(self, line: list[Plain], wanted: int) -> list[Plain]:
        alive: list[Plain] = []
        for one in line:
            if len(alive) == wanted:
                break
            if one.receives >= RECEIVES_MAX:
                self.messages.remove(one)
                self.dead.append(one.body)
            else:
                alive.append(one)
        return alive

    def asked(self, operation: str, **params: Any) -> AwsError | None:
        """Ask it of the queue; the error, if that is the answer."""
        try:
            self.run(self.lab.ask(operation, QueueUrl=self.url, **params))
        except AwsError as error:
            return error
        return None

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        body, receipt = data.draw(st.sampled_from(self.receipts))
        message = next((one for one in self.messages if one.body == body), None)
        if self.fifo and message is not None and message.receives >= RECEIVES_MAX:
            return  # the model does not know whether it has been found to be dead
        error = self.asked("DeleteMessage", ReceiptHandle=receipt)
        if error is not None:
            assert self.fifo
            assert "expired" in error.message
            assert message is None or message.receipt != receipt or message.visible_at <= self.now
            return
        if message is not None and message.receipt == receipt:
            self.messages.remove(message)

    @precondition(lambda self: self.receipts)
    @rule(data=st.data(), hide=st.sampled_from([0, 5, 50]))
    def change_visibility(self, data: st.DataObject, hide: int) -> None:
        body, receipt = data.draw(st.sampled_from(self.receipts))
        message = next((one for one in self.messages if one.body == body), None)
        error = self.asked("ChangeMessageVisibility", ReceiptHandle=receipt, VisibilityTimeout=hide)
        if error is not None:
            assert error.code in ("MessageNotInflight", "InvalidParameterValue")
            assert message is None or message.receipt != receipt or message.visible_at <= self.now
            return
        assert message is not None
        assert message.receipt == receipt
        assert message.visible_at > self.now
        message.visible_at = self.now + hide

    @rule(by=st.sampled_from([0.5, 1.0, 5.0, 11.0, 60.0]))
    def wait(self, by: float) -> None:
        self.run(self.clock.advance(by))

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "lab"):
            return
        total = sum(self.run(self.lab.counts(self.url))) + sum(self.run(self.lab.counts(self.dead_url)))
        assert total == len(self.messages) + len(self.dead)


class FifoMachine(QueueMachine):
    """The same on a FIFO queue."""

    fifo = True


TestStandardQueue = QueueMachine.TestCase
TestStandardQueue.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestFifoQueue = FifoMachine.TestCase
TestFifoQueue.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
