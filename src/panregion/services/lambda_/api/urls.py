"""Function URLs: web addresses of functions and their aliases."""

import msgspec

from panregion.services import Here, reads
from panregion.services.lambda_ import layout
from panregion.services.lambda_.api.pages import PAGE_MAX, page
from panregion.services.lambda_.errors import ResourceConflictException, ResourceNotFoundException
from panregion.services.lambda_.model import FunctionUrl, Json, timestamp
from panregion.services.lambda_.names import parse

ID_LENGTH = 32
DOMAIN = "lambda-url"


def host_of(here: Here, url: FunctionUrl) -> str:
    return f"{url.id}.{DOMAIN}.{here.region}.on.aws"


def describe(here: Here, url: FunctionUrl) -> Json:
    described: Json = {
        "FunctionUrl": f"https://{host_of(here, url)}/",
        "FunctionArn": layout.arn_of(here, url.function, url.qualifier),
        "AuthType": url.auth,
        "CreationTime": timestamp(url.created_s),
        "LastModifiedTime": timestamp(url.modified_s),
        "InvokeMode": url.mode,
    }
    return described | ({"Cors": url.cors} if url.cors else {})


def _named(here: Here, function_name: str, qualifier: str | None) -> tuple[str, str | None]:
    """Name and alias of a function that exists. Raises ResourceNotFoundException."""
    name, alias = parse(function_name, qualifier, here.region)
    if alias is not None:
        layout.require_alias(here, name, alias)
    else:
        layout.require_function(here, name)
    return name, alias


def _require(here: Here, function_name: str, qualifier: str | None) -> FunctionUrl:
    url = layout.find_url(here.tx, *_named(here, function_name, qualifier))
    if url is None:
        raise ResourceNotFoundException("The resource you requested does not exist.", Type="User")
    return url


def create_function_url_config(
    here: Here,
    function_name: str,
    auth_type: str,
    qualifier: str | None = None,
    cors: Json | None = None,
    invoke_mode: str = "BUFFERED",
) -> Json:
    name, alias = _named(here, function_name, qualifier)
    if layout.find_url(here.tx, name, alias) is not None:
        raise ResourceConflictException(
            f"Failed to create function url config for [functionArn = {layout.arn_of(here, name, alias)}]. "
            "Error message:  FunctionUrlConfig exists for this Lambda function",
            Type="User",
        )
    now = here.now()
    url = FunctionUrl(
        id=here.world.chance.token(ID_LENGTH),
        function=name,
        qualifier=alias,
        auth=auth_type,
        cors=cors or {},
        mode=invoke_mode,
        created_s=now,
        modified_s=now,
    )
    layout.put_url(here.tx, url)
    return describe(here, url)


@reads
def get_function_url_config(here: Here, function_name: str, qualifier: str | None = None) -> Json:
    return describe(here, _require(here, function_name, qualifier))


def update_function_url_config(
    here: Here,
    function_name: str,
    qualifier: str | None = None,
    auth_type: str | None = None,
    cors: Json | None = None,
    invoke_mode: str | None = None,
) -> Json:
    url = _require(here, function_name, qualifier)
    changed = {"auth": auth_type, "cors": cors, "mode": invoke_mode}
    given = {field: value for field, value in changed.items() if value is not None}
    url = msgspec.structs.replace(url, **given, modified_s=here.now())
    layout.put_url(here.tx, url)
    return describe(here, url)


def delete_function_url_config(here: Here, function_name: str, qualifier: str | None = None) -> None:
    layout.delete_url(here.tx, _require(here, function_name, qualifier))


@reads
def list_function_url_configs(
    here: Here, function_name: str, marker: str | None = None, max_items: int = PAGE_MAX
) -> Json:
    name, _ = parse(function_name, None, here.region)
    layout.require_function(here, name)
    found = (url for url in layout.urls(here.tx, name) if marker is None or (url.qualifier or "") > marker)
    return page(
        found, max_items, "FunctionUrlConfigs", lambda url: describe(here, url), lambda url: url.qualifier or ""
    )
