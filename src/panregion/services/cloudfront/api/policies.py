"""Cache policies, origin request policies and response headers policies: one function per operation."""

from typing import Any

from panregion.services.cloudfront.api import parts
from panregion.services.here import Here
from panregion.services.service import reads

Answer = dict[str, Any]


def create_cache_policy(here: Here, cache_policy_config: dict[str, Any]) -> Answer:
    return parts.create(here, "cache-policy", cache_policy_config)


@reads
def get_cache_policy(here: Here, id: str) -> Answer:
    return parts.get(here, "cache-policy", id)


@reads
def get_cache_policy_config(here: Here, id: str) -> Answer:
    return parts.get_config(here, "cache-policy", id)


def update_cache_policy(here: Here, cache_policy_config: dict[str, Any], id: str, if_match: str = "") -> Answer:
    return parts.update(here, "cache-policy", id, if_match, cache_policy_config)


def delete_cache_policy(here: Here, id: str, if_match: str = "") -> Answer:
    return parts.delete(here, "cache-policy", id, if_match)


@reads
def list_cache_policies(here: Here, type: str | None = None, marker: str = "", max_items: str = "100") -> Answer:
    return parts.list_policies(here, "cache-policy", type, marker, max_items)


def create_origin_request_policy(here: Here, origin_request_policy_config: dict[str, Any]) -> Answer:
    return parts.create(here, "origin-request-policy", origin_request_policy_config)


@reads
def get_origin_request_policy(here: Here, id: str) -> Answer:
    return parts.get(here, "origin-request-policy", id)


@reads
def get_origin_request_policy_config(here: Here, id: str) -> Answer:
    return parts.get_config(here, "origin-request-policy", id)


def update_origin_request_policy(
    here: Here, origin_request_policy_config: dict[str, Any], id: str, if_match: str = ""
) -> Answer:
    return parts.update(here, "origin-request-policy", id, if_match, origin_request_policy_config)


def delete_origin_request_policy(here: Here, id: str, if_match: str = "") -> Answer:
    return parts.delete(here, "origin-request-policy", id, if_match)


@reads
def list_origin_request_policies(
    here: Here, type: str | None = None, marker: str = "", max_items: str = "100"
) -> Answer:
    return parts.list_policies(here, "origin-request-policy", type, marker, max_items)


def create_response_headers_policy(here: Here, response_headers_policy_config: dict[str, Any]) -> Answer:
    return parts.create(here, "response-headers-policy", response_headers_policy_config)


@reads
def get_response_headers_policy(here: Here, id: str) -> Answer:
    return parts.get(here, "response-headers-policy", id)


@reads
def get_response_headers_policy_config(here: Here, id: str) -> Answer:
    return parts.get_config(here, "response-headers-policy", id)


def update_response_headers_policy(
    here: Here, response_headers_policy_config: dict[str, Any], id: str, if_match: str = ""
) -> Answer:
    return parts.update(here, "response-headers-policy", id, if_match, response_headers_policy_config)


def delete_response_headers_policy(here: Here, id: str, if_match: str = "") -> Answer:
    return parts.delete(here, "response-headers-policy", id, if_match)


@reads
def list_response_headers_policies(
    here: Here, type: str | None = None, marker: str = "", max_items: str = "100"
) -> Answer:
    return parts.list_policies(here, "response-headers-policy", type, marker, max_items)
