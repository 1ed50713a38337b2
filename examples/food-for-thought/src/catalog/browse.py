"""GET /restaurants and GET /restaurants/{id}: what this region's table has, for everybody.

Answers may be kept for a minute, and shown for ten more if no region can be asked: a menu of some minutes ago is
better than none.
"""

from itertools import islice

from boto3.dynamodb.conditions import Attr, Key

from common.http import Refused, serve
from restaurants import brief, table, whole

PAGE = 50
KEPT = {"cache-control": "public, max-age=60, stale-if-error=600"}


def handler(event, _context):
    return serve({"GET /restaurants": browse, "GET /restaurants/{id}": show}, event)


def browse(event):
    """By city, or all of them; `next` of one page is `after` of the one that follows."""
    asked = event.get("queryStringParameters") or {}
    found = list(islice(matching(asked.get("city"), asked.get("cuisine"), asked.get("after")), PAGE + 1))
    body = {"restaurants": [brief(item) for item in found[:PAGE]]}
    if len(found) > PAGE:
        last = found[PAGE - 1]
        body["next"] = f"{last['city']}/{last['id']}"
    return 200, body, KEPT


def matching(city, cuisine, after):
    """The restaurants that are asked for, one after the other; DynamoDB is asked for more as they are used up."""
    question = {"IndexName": "by-city", "Limit": PAGE + 1}
    if cuisine:
        question["FilterExpression"] = Attr("cuisine").eq(cuisine)
    if city:
        question["KeyConditionExpression"] = Key("city").eq(city)
    if after:
        question["ExclusiveStartKey"] = start(after, city)
    ask = table.query if city else table.scan
    while True:
        answer = ask(**question)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        question["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def start(after, city):
    last_city, _, last_id = after.rpartition("/")
    if not last_city or not last_id or (city and last_city != city):
        raise Refused(400, "BadRequest", "after must be the next of an earlier answer to the same question.")
    return {"city": last_city, "id": last_id}


def show(event):
    key = {"id": event["pathParameters"]["id"]}
    item = table.get_item(Key=key).get("Item")
    if item is None:
        raise Refused(404, "NotFound", f"There is no restaurant {key['id']} here.")
    return 200, whole(item), KEPT
