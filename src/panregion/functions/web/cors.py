"""CORS as an HTTP API's own configuration: preflight requests are answered, other answers get its headers. Pure."""

from typing import Any

from panregion.world import Headers, Request, Response


def preflight(configuration: dict[str, Any] | None, request: Request) -> Response | None:
    """The answer to a preflight request, if the API is configured for CORS and this is one."""
    if not configuration or request.method != "OPTIONS":
        return None
    if request.header("origin") is None or request.header("access-control-request-method") is None:
        return None
    headers = allowed(configuration, request.header("origin"))
    if headers:
        for member, name in (
            ("AllowMethods", "access-control-allow-methods"),
            ("AllowHeaders", "access-control-allow-headers"),
        ):
            if configuration.get(member):
                headers.append((name, ",".join(configuration[member])))
        if configuration.get("MaxAge") is not None:
            headers.append(("access-control-max-age", str(configuration["MaxAge"])))
    return Response(204, headers)


def allowed(configuration: dict[str, Any], origin: str | None) -> Headers:
    """The headers for this origin; none where it may not."""
    granted = _granted(configuration.get("AllowOrigins") or [], origin)
    if granted is None:
        return []
    headers = [("access-control-allow-origin", granted)]
    if configuration.get("AllowCredentials"):
        headers.append(("access-control-allow-credentials", "true"))
    if configuration.get("ExposeHeaders"):
        headers.append(("access-control-expose-headers", ",".join(configuration["ExposeHeaders"])))
    return headers


def added(configuration: dict[str, Any] | None, request: Request, response: Response) -> Response:
    """The response with the API's own CORS headers in place of the integration's."""
    if not configuration:
        return response
    kept = [pair for pair in response.headers if not pair[0].lower().startswith("access-control-")]
    return Response(response.status, [*kept, *allowed(configuration, request.header("origin"))], response.body)


def _granted(origins: list[str], origin: str | None) -> str | None:
    if origin is None:
        return None
    if "*" in origins:
        return "*"
    for known in origins:
        head, star, tail = known.partition("*")
        if known == origin or (star and origin.startswith(head) and origin.endswith(tail)):
            return origin
    return None
