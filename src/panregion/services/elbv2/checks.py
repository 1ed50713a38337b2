"""Checking targets: a task for each, as often as its group says (times `[time] health_check_scale`)."""

import asyncio
from collections.abc import Iterable

from panregion.services import Here
from panregion.services.elbv2 import functions
from panregion.services.elbv2.balance import invoked
from panregion.services.elbv2.exchange import Refused
from panregion.services.elbv2.health import Seen, Target, code_matches, table
from panregion.services.elbv2.model import TargetGroup
from panregion.world import ClientError, ClientTimeout, HttpClient, direct_dial

LIMIT_MIN_S = 1.0
"""No limit of time shrinks below this: round trips do not shrink with the intervals."""

Failure = tuple[str, str]


class Checks:
    """The health checks of all groups in use."""

    def __init__(self, here: Here, client: HttpClient) -> None:
        self._here = here
        self._client = client
        self._running: dict[tuple[str, Target], tuple[TargetGroup, asyncio.Task[None]]] = {}

    def follow(self, groups: Iterable[TargetGroup]) -> None:
        """These groups are in use now: check what is new, restart what changed, stop what is gone."""
        wanted = {(group.arn, target): group for group in groups if group.check.enabled for target in group.targets}
        for key in [key for key in self._running if key not in wanted]:
            self._running.pop(key)[1].cancel()
            table(self._here).pop(key, None)
        for key, group in wanted.items():
            known = self._running.get(key)
            if known is not None and known[0].check == group.check:
                continue
            if known is not None:
                known[1].cancel()
            self._running[key] = group, asyncio.create_task(self._run(group, key[1]))

    async def _run(self, group: TargetGroup, target: Target) -> None:
        scale = self._here.settings.time.health_check_scale
        while True:
            failure = await self._check(group, target, max(LIMIT_MIN_S, group.check.timeout_s * scale))
            seen = table(self._here)
            seen[group.arn, target] = seen.get((group.arn, target), Seen()).after(failure, group.check)
            await self._here.world.clock.sleep(group.check.interval_s * scale)

    async def _check(self, group: TargetGroup, target: Target, limit_s: float) -> Failure | None:
        try:
            if group.kind == "lambda":
                async with asyncio.timeout(limit_s):  # wait_for can lose a cancellation
                    status = await self._ask_function(group, target)
            elif group.check.protocol == "TCP":
                return await self._connect(group, target, limit_s)
            else:
                status = await self._ask_address(group, target, limit_s)
        except (TimeoutError, ClientTimeout):
            return "Target.Timeout", "Request timed out"
        except (Refused, ClientError) as error:
            return "Target.FailedHealthChecks", f"Health checks failed: {error}"
        if code_matches(group.check.matcher, status):
            return None
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]"

    async def _ask_function(self, group: TargetGroup, target: Target) -> int:
        payload = functions.check_event(group.check.path, group.arn, group.multi_value)
        return functions.response(await invoked(self._here, target[0], payload), group.multi_value).status

    async def _connect(self, group: TargetGroup, target: Target, limit_s: float) -> Failure | None:
        """A check by TCP: that somebody accepts."""
        port = target[1] if group.check.port == "traffic-port" else int(group.check.port)
        try:
            async with asyncio.timeout(limit_s):
                _, writer = await direct_dial(target[0], port)
        except OSError as error:  # TimeoutError is one, and is told apart by the caller
            if isinstance(error, TimeoutError):
                raise
            return "Target.FailedHealthChecks", f"Health checks failed: {error}"
        writer.close()
        return None

    async def _ask_address(self, group: TargetGroup, target: Target, limit_s: float) -> int:
        check = group.check
        port = target[1] if check.port == "traffic-port" else int(check.port)
        url = f"{check.protocol.lower()}://{target[0]}:{port}{check.path}"
        agent = [("Host", f"{target[0]}:{port}"), ("User-Agent", functions.CHECKER)]
        return (await self._client.send("GET", url, agent, timeout_s=limit_s)).status

    async def stop(self) -> None:
        tasks = [task for _, task in self._running.values()]
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
