"""How an exchange answers: with a page of CloudFront's own, from what is kept, or from what an origin sends."""

import base64
from contextlib import aclosing

from panregion.edge.cloudfront import compression, conditions, pages
from panregion.edge.cloudfront.cache import OBJECT_BYTES_MAX, Entry, Place
from panregion.edge.cloudfront.collection import Collection
from panregion.edge.cloudfront.freshness import ttl_s
from panregion.edge.cloudfront.gates import Refusal
from panregion.edge.cloudfront.messages import Framing, RequestHead, announced_length, encode_head
from panregion.edge.cloudfront.origins import Answer
from panregion.edge.cloudfront.output import PIECE_BYTES, Gathered, Output, TooLarge, ViewerOutput
from panregion.edge.cloudfront.plan import Behavior, Plan
from panregion.edge.cloudfront.pops import Pop
from panregion.edge.cloudfront.response_headers import kept_headers, with_policy
from panregion.edge.cloudfront.sending import Sending
from panregion.edge.cloudfront.shared import Shared
from panregion.edge.cloudfront.telling import answer_from, asks_plainly
from panregion.edge.cloudfront.viewer_facts import Viewer, viewer_headers
from panregion.world import Headers

HIT, MISS, REFRESHED, ERROR = "Hit", "Miss", "RefreshHit", "Error"
ID_BYTES = 40


class Answering:
    """One viewer's request, and the ways to answer it."""

    plan: Plan
    behavior: Behavior

    def __init__(
        self,
        shared: Shared,
        pop: Pop,
        viewer: Viewer,
        head: RequestHead,
        framing: Framing,
        output: Output,
        sending: Sending | None = None,
        inner: bool = False,
    ) -> None:
        self.shared = shared
        self.pop = pop
        self.viewer = viewer
        self.head = head
        self.framing = framing
        self.output = output
        self.sending = sending
        self.inner = inner
        """Whether it fetches an error page for another one, and so has none itself."""
        self._place: Place | None = None
        self._generation = shared.generation
        self.request_id = base64.urlsafe_b64encode(shared.edge.world.chance.bytes(ID_BYTES)).decode()
        self.path = head.path

    def made(self) -> dict[str, str]:
        """The CloudFront-* headers."""
        return viewer_headers(self.viewer, self.head.by_name.get("user-agent", ""), self.head.minor)

    # Refusals and other pages of our own

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a page of CloudFront's own, or a redirection."""
        headers = pages.page_headers()
        body = b""
        if refusal.location:
            headers.append(("Location", refusal.location))
        elif refusal.code:
            headers = [("Server", "CloudFront"), ("Content-Type", "text/xml")]
            body = pages.error_document(refusal.code, refusal.reason)
        else:
            body = pages.error_page(refusal.status, refusal.reason, self.request_id)
        told = "Redirect" if refusal.location else ERROR
        await self._begin(refusal.status, pages.phrase(refusal.status), headers, len(body), told)
        await self.output.piece(body)
        await self.output.end()

    async def _begin(
        self, status: int, reason: str, headers: Headers, length: int | None, told: str, age_s: int | None = None
    ) -> None:
        stamped = [*headers, *self._stamps(told)]
        if age_s is not None:
            stamped.append(("Age", str(age_s)))
        await self.output.begin(status, reason, stamped, length)

    def _stamps(self, told: str) -> Headers:
        return [
            ("X-Cache", f"{told} from cloudfront"),
            ("Via", self.pop.via),
            ("X-Amz-Cf-Pop", self.pop.code),
            ("X-Amz-Cf-Id", self.request_id),
        ]

    async def _tell(self, entry: Entry, told: str) -> None:
        """Answer from what is kept."""
        age_s = int(self.shared.now() - entry.fetched_at + entry.age_s)
        age = None if told == REFRESHED and age_s == 0 else age_s
        simple = self.behavior.response_headers is None and asks_plainly(self.head.by_name) and self.head.minor
        if simple and isinstance(self.output, ViewerOutput) and self.output.keeps:
            stamps = encode_head("", [*self._stamps(told), *([] if age is None else [("Age", str(age))])])
            await self.output.whole(b"".join((entry.encoded, stamps[2:])), entry.body)
            return
        await self._tell_part(entry, told, age)

    async def _tell_part(self, entry: Entry, told: str, age_s: int | None) -> None:
        headers = with_policy(entry.headers, self.behavior.response_headers, self.head)
        part = answer_from(entry, self.head, headers)
        await self._begin(part.status, part.reason, part.headers, part.length, told, age_s)
        for start in range(0, len(part.body), PIECE_BYTES):
            await self.output.piece(part.body[start : start + PIECE_BYTES])
        await self.output.end()

    def land(self) -> None:
        """Whoever waits for the object need not wait any longer."""
        if self._place is not None:
            event = self.shared.flights.pop(self._place, None)
            if event is not None:
                event.set()

    def discard(self, answer: Answer) -> None:
        """Let go of a response without reading it."""
        self.shared.origins.drop(answer.upstream)

    async def _stream(self, answer: Answer, told: str, encodings: str) -> None:
        """Pass a response on as it comes, and collect it if it is to be kept."""
        head = answer.head
        length = answer.framing if isinstance(answer.framing, int) else None
        if self.head.method == "HEAD":
            length = announced_length(head)
        headers = kept_headers(head.headers, cookies=self.behavior.forwards_cookies)
        by_name = {name.lower(): value for name, value in headers}
        encoding = ""
        if self.behavior.compress:
            encoding = compression.encoding_for(head.status, head.by_name, length, encodings)
        if encoding:
            headers, length = compression.compressed_headers(headers, encoding), None
            by_name = {name.lower(): value for name, value in headers}
        lasts_s = self._lasts_s(head.status, head.by_name)
        if lasts_s <= 0:
            self.land()
        shown = with_policy(headers, self.behavior.response_headers, self.head)
        entry = Entry(
            head.status,
            head.reason,
            headers,
            by_name,
            b"",
            fetched_at=self.shared.now(),
            ttl_s=lasts_s,
            is_error=head.status >= 400,
            length=length,
            age_s=_age_s(head.by_name),
            complete=self.head.method != "HEAD",
        )
        if lasts_s > 0 and conditions.not_modified(self.head.by_name, by_name) and head.status == 200:
            await self._collect_only(answer, entry, encoding, told, shown)
            return
        await self._begin(head.status, head.reason, shown, length, told)
        await self._copy(answer, entry, encoding)

    def _lasts_s(self, status: int, by_name: dict[str, str]) -> float:
        if self._place is None:
            return 0.0
        page = self.plan.errors.get(status)
        now = self.shared.edge.world.clock.now()
        return ttl_s(self.behavior.ttls, status, by_name, now, page.ttl_s if page else None)

    async def _collect_only(self, answer: Answer, entry: Entry, encoding: str, told: str, shown: Headers) -> None:
        """The viewer has this very object; it is kept all the same."""
        await self._begin(304, "Not Modified", shown, 0, told)
        await self.output.end()
        viewer, self.output = self.output, Gathered(OBJECT_BYTES_MAX)
        try:
            await self._copy(answer, entry, encoding)
        except TooLarge:
            self.discard(answer)
        finally:
            self.output = viewer

    async def _copy(self, answer: Answer, entry: Entry, encoding: str) -> None:
        """The body: to the viewer, and beside that into the cache if the response is to be kept and small enough."""
        compressor = compression.MAKERS[encoding]() if encoding and entry.complete else None
        keeping = Collection(self.shared.cache, entry.ttl_s > 0)
        try:
            async with aclosing(answer.body) as body:  # type: ignore[type-var]
                async for piece in body:
                    out = compressor.compress(piece) if compressor else piece
                    keeping.add(out)
                    await self.output.piece(out)
            if compressor:
                out = compressor.finish()
                keeping.add(out)
                await self.output.piece(out)
            if keeping.wanted and self._place is not None and self._generation == self.shared.generation:
                entry.body = keeping.body
                entry.length = len(entry.body)
                keeping.release()
                self.shared.cache.put(self._place, entry)
        finally:
            keeping.release()
        self.land()
        await self.output.end()


async def exhaust(answer: Answer) -> None:
    """Read a body to its end, so that its connection can be used again."""
    async with aclosing(answer.body) as body:  # type: ignore[type-var]
        async for _ in body:
            pass


def _age_s(by_name: dict[str, str]) -> float:
    text = by_name.get("age", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
