"""Asking a behaviour's origin, or the second one of its group where the first one fails by the group's criteria."""

from dataclasses import dataclass

from panregion.edge.cloudfront.messages import RequestHead, encode_head
from panregion.edge.cloudfront.origin_request import Hop, host_for, origin_headers, origin_target
from panregion.edge.cloudfront.origins import REPEATABLE, Answer, OriginFailure, fails_over
from panregion.edge.cloudfront.plan import Behavior, Origin
from panregion.edge.cloudfront.pops import Pop
from panregion.edge.cloudfront.sending import Sending
from panregion.edge.cloudfront.shared import Shared
from panregion.edge.cloudfront.viewer_facts import Viewer, viewer_headers
from panregion.world import Headers


@dataclass(frozen=True, slots=True)
class Asking:
    """One viewer's request, as origins are asked for it."""

    shared: Shared
    pop: Pop
    viewer: Viewer
    behavior: Behavior
    head: RequestHead
    request_id: str
    path: str

    async def ask(self, encodings: str, more: Headers, sending: Sending | None) -> Answer:
        """The answer that counts. Raises OriginFailure where no origin gave one."""
        origins, codes = self.behavior.origins, self.behavior.failover_codes
        if self.head.method not in REPEATABLE or (sending is not None and sending.starter is not None):
            origins = origins[:1]
        for origin in origins[:-1]:
            try:
                answer = await self.ask_one(origin, encodings, more, sending)
            except OriginFailure as failure:
                if not fails_over(failure.kind, codes):
                    raise
                continue
            if not fails_over(answer.head.status, codes):
                return answer
            self.shared.origins.drop(answer.upstream)
        return await self.ask_one(origins[-1], encodings, more, sending)

    async def ask_one(self, origin: Origin, encodings: str, more: Headers, sending: Sending | None) -> Answer:
        """One origin's answer. Raises OriginFailure."""
        head, behavior = self.head, self.behavior
        made: dict[str, str] = {}
        if behavior.key.headers or behavior.forward.headers:
            made = viewer_headers(self.viewer, head.by_name.get("user-agent", ""), head.minor)
        hop = Hop(self.viewer.address, self.request_id, self.pop.via)
        headers = origin_headers(behavior, origin, head, made, encodings, hop)
        framing = sending.headers if sending is not None else []
        target = origin_target(behavior, origin, self.path, head.query)
        first = encode_head(f"{head.method} {target} HTTP/1.1", [*headers, *more, *framing])
        scheme = self.viewer.scheme if origin.scheme == "match" else origin.scheme
        name = host_for(behavior, origin, head).partition(":")[0]
        starter = sending.starter if sending is not None else None
        return await self.shared.origins.ask(self.pop.site.name, origin, scheme, name, head.method, first, starter)
