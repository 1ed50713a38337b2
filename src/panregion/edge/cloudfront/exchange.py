"""One viewer's request, from its head to the end of its response.

    refuse -> behaviour -> cache -> origin (or the group's second) -> cache -> viewer

Requests that miss the same object at once wait for the first of them for a moment, so that the origin is asked once.
An object whose time is over is asked for conditionally; if the origin fails, the old one is told. A body passes
through as it comes; what is to be kept is collected beside it.
"""

import asyncio
from dataclasses import replace

from panregion.edge.cloudfront import conditions, pages
from panregion.edge.cloudfront.answering import ERROR, HIT, MISS, REFRESHED, Answering, exhaust
from panregion.edge.cloudfront.asking import Asking
from panregion.edge.cloudfront.cache import OBJECT_BYTES_MAX, Entry, Place
from panregion.edge.cloudfront.freshness import ERROR_TTL_S, stale_for_s, stale_while_s, ttl_s
from panregion.edge.cloudfront.gates import (
    Refusal,
    refuse_distribution,
    refuse_loop,
    refuse_request,
    refuse_signature,
)
from panregion.edge.cloudfront.keys import Keyed, keyed
from panregion.edge.cloudfront.messages import RequestHead
from panregion.edge.cloudfront.origins import Answer, OriginFailure
from panregion.edge.cloudfront.output import Gathered, TooLarge
from panregion.edge.cloudfront.patterns import normal_path
from panregion.edge.cloudfront.response_headers import kept_headers
from panregion.edge.cloudfront.signed import unsigned_query
from panregion.world import Headers

COLLAPSE_WAIT_S = 2.0
"""For so long a request waits for another one that fetches the same object; then it goes by itself."""
PAGE_BYTES_MAX = 1 << 20
PASSED_CONDITIONS = frozenset(
    {"range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"}
)


class Exchange(Answering):
    """See the module's text. `serve` returns whether the viewer's connection can go on."""

    async def serve(self) -> None:
        """Answer the request. Raises OSError, EOFError, BadMessage where the response broke off."""
        if not await self.admit():
            return
        if self.behavior.caches and self._is_cachable():
            await self._cached()
        else:
            await self._passed()

    async def admit(self) -> bool:
        """Find the distribution and its behaviour; false where the request was refused, and told so."""
        plan = self.shared.book.plan_for(self.head.host)
        refusal = refuse_distribution(plan, self.viewer) or refuse_loop(self.head)
        if plan is not None and refusal is None:
            self.plan = plan
            if self.path == "/" and plan.root_object:
                self.path = f"/{plan.root_object}"
            self.behavior = plan.behavior_for(normal_path(self.path))
            if not self.inner:
                refusal = self._refuse_request()
        if refusal is not None:
            await self.refuse(refusal)
        return refusal is None

    def _refuse_request(self) -> Refusal | None:
        refusal = refuse_request(self.behavior, self.head, self.framing, self.viewer)
        if refusal is None and self.behavior.trusted_keys is not None:
            refusal = refuse_signature(self.behavior, self.head, self.viewer, self.shared.edge.world.clock.now())
            self.head = replace(self.head, query=unsigned_query(self.head.query))
        return refusal

    async def stream(self, answer: Answer) -> None:
        """Pass an origin's answer on, past the cache."""
        await self._stream(answer, MISS if answer.head.status < 400 else ERROR, "")

    def marks(self) -> Headers:
        """What this passage stamps on what is not cached."""
        return self._stamps(MISS)

    def _is_cachable(self) -> bool:
        method = self.head.method
        return method in ("GET", "HEAD") or (
            method == "OPTIONS" and method in self.behavior.cached and not self.framing
        )

    # Through the cache

    async def _cached(self) -> None:
        needs_facts = bool(self.behavior.key.headers)
        found = keyed(self.behavior, self.head, self.path, self.made() if needs_facts else {})
        place = (self.pop.number, self.plan.id, found.key)
        entry = self._usable(place)
        if entry is None and place in self.shared.flights:
            entry = await self._wait(place)
        if entry is not None:
            self.shared.cache.hits += 1
            await self._tell(entry, ERROR if entry.is_error else HIT)
            return
        self.shared.cache.misses += 1
        self._place = place
        mine = place not in self.shared.flights
        if mine:
            self.shared.flights[place] = asyncio.Event()
        try:
            await self._fetched(found, self.shared.cache.get(place))
        finally:
            if mine:
                self.land()

    def _usable(self, place: Place) -> Entry | None:
        """What is kept and can be told now."""
        entry = self.shared.cache.get(place)
        if entry is None or not (entry.complete or self.head.method == "HEAD"):
            return None
        now = self.shared.now()
        if now < entry.expires_at or now < entry.retry_at:
            return entry
        if now < entry.expires_at + stale_while_s(entry.by_name):
            self._refresh(place)
            return entry
        return None

    async def _wait(self, place: Place) -> Entry | None:
        try:
            async with asyncio.timeout(COLLAPSE_WAIT_S):
                await self.shared.flights[place].wait()
        except TimeoutError:
            return None
        return self._usable(place)

    def _refresh(self, place: Place) -> None:
        """Fetch an object anew behind the viewer's back."""
        if place in self.shared.flights:
            return
        again = Exchange(self.shared, self.pop, self.viewer, self.head, 0, Gathered(OBJECT_BYTES_MAX), inner=True)
        task = asyncio.create_task(again.refresh(place))
        self.shared.refreshing.add(task)
        task.add_done_callback(self.shared.refreshing.discard)

    async def refresh(self, place: Place) -> None:
        """Ask the origin for what is kept at `place`, as if its time were over."""
        plan = self.shared.book.plan_for(self.head.host)
        if plan is None:
            return
        self.plan, self._place = plan, place
        self.path = place[2][0]
        self.behavior = plan.behavior_for(normal_path(self.path))
        found = keyed(self.behavior, self.head, self.path, self.made())
        self.shared.flights[place] = asyncio.Event()
        try:
            await self._fetched(found, self.shared.cache.get(place))
        except (OSError, EOFError, TooLarge):
            self.shared.cache.drop(place)
        finally:
            self.land()

    async def _fetched(self, found: Keyed, old: Entry | None) -> None:
        """Ask the origin for an object, keep what comes if it may be kept, and tell it."""
        kept = old if old is not None and old.complete else None
        ranged = "range" in self.head.by_name and kept is None
        asking = conditions.validators(kept.by_name) if kept is not None else []
        if ranged:
            asking = [(name, value) for name, value in self.head.headers if name.lower() in ("range", "if-range")]
        try:
            answer = await self._ask(found.encodings, asking)
        except OriginFailure as failure:
            await self._failed(failure, kept)
            return
        if kept is not None and answer.head.status == 304:
            await exhaust(answer)
            await self._tell(self._renewed(kept, answer), REFRESHED)
        elif kept is not None and answer.head.status >= 500 and self._may_be_stale(kept):
            self.discard(answer)
            await self._tell_stale(kept)
        elif answer.head.status >= 400:
            await self._error(answer, found.encodings)
        else:
            await self._stream(answer, MISS, found.encodings)

    def _renewed(self, kept: Entry, answer: Answer) -> Entry:
        """A kept object that the origin confirmed, under its new headers."""
        told = {name.lower() for name, _ in answer.head.headers}
        told -= {"etag"}  # what was compressed here has one of its own
        fresh = kept_headers(answer.head.headers, cookies=self.behavior.forwards_cookies)
        fresh = [pair for pair in fresh if pair[0].lower() in told]
        headers = [pair for pair in kept.headers if pair[0].lower() not in told] + fresh
        by_name = kept.by_name | {name.lower(): value for name, value in fresh}
        world = self.shared.edge.world
        lasts_s = ttl_s(self.behavior.ttls, kept.status, by_name, world.clock.now())
        entry = Entry(
            status=kept.status,
            reason=kept.reason,
            headers=headers,
            by_name=by_name,
            body=kept.body,
            fetched_at=world.clock.monotonic(),
            ttl_s=lasts_s,
            length=kept.length,
        )
        assert self._place is not None
        if self._generation == self.shared.generation:
            self.shared.cache.put(self._place, entry)
        return entry

    def _may_be_stale(self, kept: Entry) -> bool:
        late_s = self.shared.now() - kept.expires_at
        return kept.status < 400 and late_s < stale_for_s(kept.by_name)

    async def _tell_stale(self, kept: Entry) -> None:
        """Tell what is kept though its time is over; the origin is not asked again for a moment."""
        kept.retry_at = self.shared.now() + ERROR_TTL_S
        await self._tell(kept, HIT)

    # From the origin

    async def _passed(self) -> None:
        """Past the cache: uncachable methods, and behaviours that cache nothing."""
        asking = [(name, value) for name, value in self.head.headers if name.lower() in PASSED_CONDITIONS]
        encodings = ""
        if self.behavior.key.gzip or self.behavior.key.brotli:
            encodings = keyed(self.behavior, self.head, self.path, {}).encodings
        try:
            answer = await self._ask(encodings, asking)
        except OriginFailure as failure:
            await self._failed(failure, None)
            return
        if answer.head.status >= 400:
            await self._error(answer, encodings)
        else:
            await self._stream(answer, MISS, encodings)

    async def _ask(self, encodings: str, more: Headers) -> Answer:
        """The origin's answer. Raises OriginFailure."""
        asking = Asking(self.shared, self.pop, self.viewer, self.behavior, self.head, self.request_id, self.path)
        return await asking.ask(encodings, more, self.sending)

    async def _failed(self, failure: OriginFailure, kept: Entry | None) -> None:
        """No origin answered."""
        if kept is not None and self._may_be_stale(kept):
            await self._tell_stale(kept)
            return
        body = pages.error_page(failure.status, str(failure), self.request_id)
        entry = self._entry(failure.status, pages.phrase(failure.status), pages.page_headers(), {}, body)
        entry = await self._paged(entry) or entry
        self._keep_error(failure.status, entry, {})
        await self._tell(entry, ERROR)

    def _entry(self, status: int, reason: str, headers: Headers, by_name: dict[str, str], body: bytes) -> Entry:
        now = self.shared.now()
        return Entry(status, reason, headers, by_name, body, fetched_at=now, ttl_s=0.0, length=len(body))

    async def _error(self, answer: Answer, encodings: str) -> None:
        """An error of the origin's: the distribution's own page in its place, if it has one."""
        page = self.plan.errors.get(answer.head.status)
        if page is None or not page.path or self.inner:
            await self._stream(answer, ERROR, encodings)
            return
        entry = await self._paged(self._entry(answer.head.status, "", [], {}, b""))
        if entry is None:
            await self._stream(answer, ERROR, encodings)
            return
        self.discard(answer)
        self._keep_error(answer.head.status, entry, answer.head.by_name)
        await self._tell(entry, ERROR)

    async def _paged(self, entry: Entry) -> Entry | None:
        """The distribution's page for an error; None where it has none, or that cannot be had."""
        page = self.plan.errors.get(entry.status)
        if page is None or not page.path or self.inner:
            return None
        path, _, query = page.path.partition("?")
        head = RequestHead("GET", self.head.host, path, query, 1, [], {"host": self.head.host})
        gathered = Gathered(PAGE_BYTES_MAX)
        inner = Exchange(self.shared, self.pop, self.viewer, head, 0, gathered, inner=True)
        try:
            await inner.serve()
        except (OSError, EOFError, TooLarge):
            return None
        if gathered.status != 200:
            return None
        headers = kept_headers(gathered.headers, cookies=True)
        by_name = {name.lower(): value for name, value in headers}
        status = page.status or entry.status
        return self._entry(status, pages.phrase(status), headers, by_name, gathered.body)

    def _keep_error(self, status: int, entry: Entry, by_name: dict[str, str]) -> None:
        """Keep an error's page for as long as errors are kept."""
        if self._place is None or self._generation != self.shared.generation:
            return
        page = self.plan.errors.get(status)
        now = self.shared.edge.world.clock.now()
        entry.is_error = True
        entry.ttl_s = ttl_s(self.behavior.ttls, status, by_name, now, page.ttl_s if page else None)
        if entry.ttl_s > 0:
            self.shared.cache.put(self._place, entry)
