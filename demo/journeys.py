"""What the demo's users do: half of their requests are writes, and every tenth one signs the guestbook."""

from panregion.gameday.user import User

API = "http://api.hello.test"
GUESTBOOK = "guestbook"
"""The one item that everybody writes: what concurrent writes from two regions cost shows there."""

SHARED_EVERY = 10
last_written: dict[str, str] = {}
"""City -> the item that it wrote last, which its next user reads."""


async def visit(user: User) -> None:
    """One request."""
    if user.number % SHARED_EVERY == 0:
        await _write(user, GUESTBOOK, f"{user.city} was here, visit {user.number}")
    elif user.number % 2 == 0 or user.city not in last_written:
        last_written[user.city] = user.new_id(user.city)
        await _write(user, last_written[user.city], f"written in {user.city}, {user.number}")
    else:
        await _read(user, last_written[user.city])


async def _write(user: User, item_id: str, text: str) -> None:
    item = {"id": item_id, "text": text}
    user.writing("item", item_id, item)
    answer = await user.post(f"{API}/item", json=item)
    if not answer.ok:
        return user.failed(f"{answer.status} {answer.text[:120]}")
    user.answered_by(answer.json()["answered_by"])
    return user.acknowledged("item", item_id, item)


async def _read(user: User, item_id: str) -> None:
    """That an item is not there (yet) is an answer, too."""
    answer = await user.get(f"{API}/item/{item_id}")
    if answer.status not in (200, 404):
        return user.failed(f"{answer.status} {answer.text[:120]}")
    shown = answer.json()
    user.answered_by(shown["answered_by"])
    return user.saw("item", item_id, shown if answer.status == 200 else None)
