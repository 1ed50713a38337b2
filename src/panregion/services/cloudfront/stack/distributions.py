"""AWS::CloudFront::Distribution. It is ready once the edge has it; deleting it disables it first."""

from typing import Any

from panregion.services.cloudfront.stack.translate import distribution_config
from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import tag_list, tags_of, wait_until
from panregion.wire import AwsError

SERVICE = "cloudfront"
DEPLOYED_WAIT_S = 10.0
POLL_S = 0.05


async def create(here: Here, properties: Properties, context: Context) -> str:
    config = distribution_config(properties["DistributionConfig"], context.name(128))
    tags = tag_list(tags_of(properties, context))
    if tags:
        params = {"DistributionConfigWithTags": {"DistributionConfig": config, "Tags": {"Items": tags}}}
        made = await here.request(SERVICE, "CreateDistributionWithTags", params)
    else:
        made = await here.request(SERVICE, "CreateDistribution", {"DistributionConfig": config})
    distribution_id = str(made["Distribution"]["Id"])
    await _deployed(here, distribution_id)
    return distribution_id


async def _deployed(here: Here, distribution_id: str) -> None:
    """Wait until the edge has it; a dead edge is not waited for longer than DEPLOYED_WAIT_S."""

    async def is_deployed() -> bool:
        found = await here.request(SERVICE, "GetDistribution", {"Id": distribution_id})
        return bool(found["Distribution"]["Status"] == "Deployed")

    await wait_until(here, is_deployed, limit_s=DEPLOYED_WAIT_S, poll_s=POLL_S)


async def update(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> str | None:
    current = await here.request(SERVICE, "GetDistributionConfig", {"Id": physical_id})
    reference = current["DistributionConfig"]["CallerReference"]
    config = distribution_config(new["DistributionConfig"], reference)
    params = {"Id": physical_id, "IfMatch": current["ETag"], "DistributionConfig": config}
    await here.request(SERVICE, "UpdateDistribution", params)
    await _retag(here, physical_id, old, new, context)
    await _deployed(here, physical_id)
    return None


async def _retag(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> None:
    arn = f"arn:aws:cloudfront::{here.account_id}:distribution/{physical_id}"
    before, after = tags_of(old, context), tags_of(new, context)
    gone = [key for key in before if key not in after]
    if gone:
        await here.request(SERVICE, "UntagResource", {"Resource": arn, "TagKeys": {"Items": gone}})
    if after:
        await here.request(SERVICE, "TagResource", {"Resource": arn, "Tags": {"Items": tag_list(after)}})


async def delete(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    try:
        current = await here.request(SERVICE, "GetDistributionConfig", {"Id": physical_id})
        if current["DistributionConfig"]["Enabled"]:
            config = current["DistributionConfig"] | {"Enabled": False}
            params = {"Id": physical_id, "IfMatch": current["ETag"], "DistributionConfig": config}
            current = await here.request(SERVICE, "UpdateDistribution", params)
            await _deployed(here, physical_id)
        await here.request(SERVICE, "DeleteDistribution", {"Id": physical_id, "IfMatch": current["ETag"]})
    except AwsError as error:
        if error.code != "NoSuchDistribution":
            raise


async def attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    found = await here.request(SERVICE, "GetDistribution", {"Id": physical_id})
    return {"Id": physical_id, "DomainName": found["Distribution"]["DomainName"]}


DISTRIBUTION = ResourceType(
    type_name="AWS::CloudFront::Distribution",
    properties=frozenset({"DistributionConfig", "Tags"}),
    required=frozenset({"DistributionConfig"}),
    create=create,
    delete=delete,
    update=update,
    attributes=attributes,
)
