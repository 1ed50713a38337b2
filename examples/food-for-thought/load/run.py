"""Customers of one city, from breakfast on, without anything but Python: python load/run.py --city london --peak 5

They come when they are meant to, however slow the answers are. HTTPS_PROXY decides from where the requests go:
`panregion shell --from london python load/run.py --city london` asks as somebody in London would.
"""

import argparse
import asyncio
import collections
import http.client
import json
import random
import ssl
import statistics
import string
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import journeys

AT_ONCE = 1000
"""Requests that may wait for their answers; more would make others wait, who would be counted as slow."""


class Chance(random.Random):
    """Randomness with what journeys need besides."""

    def token(self, length):
        return "".join(self.choices(string.ascii_lowercase + string.digits, k=length))

    def uuid(self):
        return str(uuid.UUID(int=self.getrandbits(128), version=4))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.ok = 200 <= status < 300

    def header(self, name, default=""):
        return self.headers.get(name, default)

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def json(self):
        return json.loads(self.body)


class Customer:
    """What a journey is given: requests, chance, and whom to tell."""

    trust = ssl.create_default_context()

    def __init__(self, city, chance, told, took_ms):
        self.city, self.chance, self._told, self._took_ms = city, chance, told, took_ms

    async def get(self, url, **options):
        return await self.request("GET", url, **options)

    async def put(self, url, **options):
        return await self.request("PUT", url, **options)

    async def request(self, method, url, json=None, headers=None):
        began = time.monotonic()
        answer = await asyncio.to_thread(self._ask, method, url, json, headers or {})
        self._took_ms.append((time.monotonic() - began) * 1000)
        self._told[f"answered with {answer.status}"] += 1
        return answer

    def _ask(self, method, url, body, headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json", **headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.trust) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())
        except http.client.HTTPException as error:  # whoever answered died in the middle of it
            raise ConnectionError(type(error).__name__) from error

    def answered_by(self, region):
        self._told[f"by {region or 'nobody known'}"] += 1

    def writing(self, kind, _id, _body):
        self._told[f"{kind}s sent"] += 1

    def acknowledged(self, kind, _id, _body):
        self._told[f"{kind}s acknowledged"] += 1

    def saw(self, kind, _id, _body):
        self._told[f"{kind}s shown"] += 1

    def expected(self):
        self._told["refused, as it should be"] += 1

    def failed(self, reason):
        self._told[reason] += 1


async def main(given):
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE))
    told, took_ms = collections.Counter(), []
    chance, ends = Chance(given.seed), time.monotonic() + given.minutes * 60
    async with asyncio.TaskGroup() as customers:
        while time.monotonic() < ends:
            await asyncio.sleep(chance.expovariate(given.peak))
            customer = Customer(given.city, Chance(chance.random()), told, took_ms)
            customers.create_task(one(customer, told))
    if took_ms:
        print(f"{len(took_ms)} requests, half within {statistics.median(took_ms):.0f} ms, all in {max(took_ms):.0f} ms")
    for what, times in sorted(told.items()):
        print(f"{times:6} {what}")


async def one(customer, told):
    try:
        await journeys.lunch(customer)
    except OSError as error:
        told[f"no answer: {error}"] += 1


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Customers of one city under the meal-time curve.")
    options.add_argument("--city", default="london", choices=journeys.CITIES)
    options.add_argument("--peak", type=float, default=2.0, help="customers a second when all are hungry")
    options.add_argument("--minutes", type=float, default=60.0, help="a day takes an hour, or FOOD_DAY_S")
    options.add_argument("--seed", type=int, default=1)
    asyncio.run(main(options.parse_args()))
