"""The ceiling: what the HTTP server alone costs."""

import asyncio

import uvloop

from panregion.world import Request, Response, serve

ANSWER = Response(200, [("Content-Type", "application/x-amz-json-1.0")], b"{}")


async def answer(_request: Request) -> Response:
    return ANSWER


async def main() -> None:
    await serve(answer, "127.0.0.1", 14568)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
