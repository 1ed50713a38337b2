"""Events of payload format 1.0, as HTTP APIs write it; 2.0 is in functions/web. Pure."""

from typing import Any

from panregion.functions.web import WebCall, parse_query, shown_body, shown_headers, time_text


def event_1(call: WebCall) -> dict[str, Any]:
    """Payload format 1.0, as HTTP APIs write it."""
    request, key = call.request, call.route_key
    headers, query = shown_headers(call, cookies=True), parse_query(request.query)
    body, encoded = shown_body(request)
    resource = key.partition(" ")[2] or key
    return {
        "version": "1.0",
        "resource": resource,
        "path": call.raw_path,
        "httpMethod": request.method,
        "headers": {name: many[-1] for name, many in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: many[-1] for name, many in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {
            "accountId": call.account_id,
            "apiId": call.api_id,
            **({} if call.authorizer is None else {"authorizer": call.authorizer}),
            "domainName": call.domain,
            "domainPrefix": call.domain.split(".", 1)[0],
            "extendedRequestId": call.request_id,
            "httpMethod": request.method,
            "identity": {
                **dict.fromkeys(("accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider")),
                **dict.fromkeys(("cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId")),
                **dict.fromkeys(("principalOrgId", "user", "userArn")),
                "sourceIp": request.peer,
                "userAgent": request.header("user-agent") or "",
            },
            "path": call.raw_path,
            "protocol": "HTTP/1.1",
            "requestId": call.request_id,
            "requestTime": time_text(call.now),
            "requestTimeEpoch": int(call.now * 1000),
            "resourceId": key,
            "resourcePath": resource,
            "stage": call.stage,
        },
        "pathParameters": call.parameters or None,
        "stageVariables": call.variables or None,
        "body": body,
        "isBase64Encoded": encoded,
    }
