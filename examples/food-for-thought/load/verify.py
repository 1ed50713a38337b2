"""What has to be true of payments once a game day is over, whatever was broken in it.

    verify: load.verify:payments

The payment of every order that was acknowledged is decided in all regions; nobody was charged twice, neither those who
had an answer nor those who had none; and nothing is paid that the bank knows nothing of.
"""

import asyncio
import time

TABLE = "food-orders"
BANK = "https://payments.bank.test"
BANKERS = "zurich"
DECIDED_S = 150.0
"""How long payments may take after the last order: the longest pause of the queue, twice, and some."""
AGAIN_S = 2.0
AT_ONCE = 8
BATCH = 100
UNPAID = ("placed", "cancelled")


async def payments(ledger, regions, ask):
    """Findings: orders whose payment is not decided, or is not what the bank says."""
    promised = ledger.acknowledged("order")
    held = await decided([order.id for order in promised], regions)
    found = [ledger.lost(order, *waiting, detail="unpaid") for order in promised if (waiting := undecided(order, held))]
    return found + await charged(ledger, held, ask)


async def decided(ids, regions):
    """region -> order's id -> its state, once the payment of each is decided everywhere, or the time is up."""
    until = time.monotonic() + DECIDED_S
    while True:
        held = {name: await states(region, ids) for name, region in regions.items()}
        waiting = any(its.get(one, "placed") == "placed" for its in held.values() for one in ids)
        if not waiting or time.monotonic() >= until:
            return held
        await asyncio.sleep(AGAIN_S)


async def states(region, ids):
    """order's id -> its state, of those that a region has."""
    found = {}
    for first in range(0, len(ids), BATCH):
        keys = [{"order_id": {"S": one}} for one in ids[first : first + BATCH]]
        while keys:
            asked = {"Keys": keys, "ProjectionExpression": "order_id, #s", "ExpressionAttributeNames": {"#s": "state"}}
            answer = await region.call("dynamodb", "batch_get_item", RequestItems={TABLE: asked})
            found |= {item["order_id"]["S"]: item["state"]["S"] for item in answer["Responses"][TABLE]}
            keys = answer.get("UnprocessedKeys", {}).get(TABLE, {}).get("Keys", [])
    return found


def undecided(order, held):
    """The regions in which an order still waits for its payment."""
    return [region for region, its in held.items() if its.get(order.id) == "placed"]


async def charged(ledger, held, ask):
    """Findings about money: one charge for each checkout that is paid, and never two."""
    paid = {one.partition("~")[2] for its in held.values() for one, state in its.items() if state not in UNPAID}
    several = asyncio.Semaphore(AT_ONCE)

    async def of(checkout):
        async with several:
            answer = await ask(BANKERS, "GET", f"{BANK}/charges?reference={checkout.id}")
        charges = len(answer.json()["charges"])
        if charges > 1:
            return ledger.finding("duplicated", checkout, detail=f"charged {charges} times")
        if not charges and checkout.id in paid:
            return ledger.finding("lost", checkout, detail="paid, and the bank knows nothing of it")
        return None

    found = await asyncio.gather(*(of(checkout) for checkout in ledger.tried("checkout")))
    return [finding for finding in found if finding]
