"""AWS::SSM::Parameter."""

from typing import Any

from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import is_owner, owner_tags, tag_list, tags_of
from panregion.wire.errors import AwsError

_PASSED = ("Value", "Type", "Description", "AllowedPattern", "Tier", "Policies", "DataType")


def _asked(name: str, properties: Properties) -> dict[str, Any]:
    return {"Name": name, "Overwrite": True, **{key: properties[key] for key in _PASSED if key in properties}}


async def create(here: Here, properties: Properties, context: Context) -> str:
    """What is there already under the name is ours if its tags say so: this is then a repeated step."""
    name = str(properties.get("Name") or f"CFN-{context.name()}")
    asked = {
        **_asked(name, properties),
        "Overwrite": False,
        "Tags": tag_list(tags_of(properties, context) | owner_tags(context)),
    }
    try:
        await here.request("ssm", "PutParameter", asked)
    except AwsError as error:
        if error.code != "ParameterAlreadyExists" or not await _ours(here, name, context):
            raise
    return name


async def _ours(here: Here, name: str, context: Context) -> bool:
    asked = {"ResourceType": "Parameter", "ResourceId": name}
    tags = (await here.request("ssm", "ListTagsForResource", asked))["TagList"]
    return is_owner({tag["Key"]: tag["Value"] for tag in tags}, context)


async def update(here: Here, physical_id: str, _old: Properties, new: Properties, _context: Context) -> None:
    await here.request("ssm", "PutParameter", _asked(physical_id, new))


async def delete(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    await here.request("ssm", "DeleteParameters", {"Names": [physical_id]})


async def attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    found = (await here.request("ssm", "GetParameter", {"Name": physical_id}))["Parameter"]
    return {"Type": found["Type"], "Value": found["Value"]}


RESOURCES = {
    "AWS::SSM::Parameter": ResourceType(
        type_name="AWS::SSM::Parameter",
        properties=frozenset({"Name", "Tags", *_PASSED}),
        required=frozenset({"Type", "Value"}),
        replaces_on=frozenset({"Name"}),
        create=create,
        update=update,
        delete=delete,
        attributes=attributes,
    )
}
