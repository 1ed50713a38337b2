"""What the other API Gateway service asks: whether an API key may be used."""

from typing import Any

from panregion.services import Here
from panregion.services.apigateway.metering import metered
from panregion.services.apigateway.responses import Refusal


async def meter_api_key(here: Here, value: str, api_id: str, stage: str) -> dict[str, Any]:
    """`{"ApiKeyId"}` of a key that may be used once more, else `{"Refused", "Status"}`."""
    try:
        key = await metered(here, value, api_id, stage)
    except Refusal as refusal:
        return {"Refused": MESSAGES.get(refusal.response_type, "Forbidden"), "Status": refusal.status}
    return {"ApiKeyId": key.id}


MESSAGES = {"THROTTLED": "Too Many Requests", "QUOTA_EXCEEDED": "Limit Exceeded"}
