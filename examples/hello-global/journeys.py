"""What users of hello-global do in its game day, and how to tell afterwards whether anything was lost."""

API = "http://api.hello.test"
GUESTBOOK = "guestbook"


async def letters(user):
    """Write a letter and read it again; every tenth user signs the guestbook, the one item that everybody writes."""
    name = GUESTBOOK if user.number % 10 == 0 else user.new_id("letter")
    item = {"id": name, "text": f"{user.city}, visit {user.number} {user.chance.token(6)}"}
    user.writing("item", name, item)
    answer = await user.post(f"{API}/item", json=item)
    if answer.status != 201:
        user.failed(f"the write was answered with {answer.status}")
        return
    user.answered_by(answer.json()["answered_by"])
    user.acknowledged("item", name, item)

    answer = await user.get(f"{API}/item/{name}")
    if answer.status not in (200, 404):
        user.failed(f"the read was answered with {answer.status}")
        return
    shown = answer.json()
    user.answered_by(shown["answered_by"])
    user.saw("item", name, shown if answer.status == 200 else None)


async def verify(ledger, regions):
    """No letter that was acknowledged is there under another writer's name."""
    findings = []
    table = "hello-items"
    for letter in ledger.latest("item"):
        if letter.id == GUESTBOOK:
            continue
        for name, region in regions.items():
            answer = await region.call("dynamodb", "get_item", TableName=table, Key={"id": {"S": letter.id}})
            if "Item" in answer and answer["Item"]["text"]["S"] != letter.body["text"]:
                findings.append(ledger.finding("overwritten", letter, name))
    return findings
