"""The environment variables of an execution environment, as Lambda sets them. Pure."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from panregion.functions.model import EnvironmentSpec


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What all functions of a region have in common."""

    region: str
    endpoint: str
    access_key: str = "test"
    secret_key: str = "test"
    proxy: str = ""
    """The URL of the region's way out, where it has one."""
    authority: Path | None = None
    """The certificate authority that names of the world are served under, PEM."""
    machine: Mapping[str, str]
    """The region process's own environment, for PATH."""


RESERVED = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)
"""What a function's configuration may not set; AWS refuses it."""


def variables(
    spec: EnvironmentSpec,
    around: Surroundings,
    runtime_api: str,
    log_stream: str,
    scratch: Path,
    initialization: str = "on-demand",
) -> dict[str, str]:
    """All variables of one environment. The function's own come last but cannot touch the reserved ones."""
    layers = [str(layer) for layer in spec.layers]
    bins = [f"{layer}/bin" for layer in layers]
    libraries = [str(spec.code), f"{spec.code}/lib", *(f"{layer}/lib" for layer in layers)]
    modules = [f"{layer}/nodejs/node_modules" for layer in reversed(layers)]
    defaults = {
        "NODE_PATH": ":".join([*modules, f"{spec.code}/node_modules"]),
        "PATH": ":".join([*bins, around.machine.get("PATH", "/usr/local/bin:/usr/bin:/bin")]),
        "LD_LIBRARY_PATH": ":".join(libraries),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "AWS_ENDPOINT_URL": around.endpoint,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        **_way_out(around),
    }
    fixed = {
        "_HANDLER": spec.handler,
        "AWS_REGION": around.region,
        "AWS_DEFAULT_REGION": around.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization,
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if spec.log_json else "Text",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_ACCESS_KEY_ID": around.access_key,
        "AWS_SECRET_ACCESS_KEY": around.secret_key,
        "LAMBDA_TASK_ROOT": str(spec.code),
        "LAMBDA_RUNTIME_DIR": str(spec.code),
    }
    if spec.log_level:
        fixed["AWS_LAMBDA_LOG_LEVEL"] = spec.log_level
    return {**defaults, **spec.environment, **fixed}


TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def _way_out(around: Surroundings) -> dict[str, str]:
    """How a function finds what is not AWS's API, in the words that clients of every language know."""
    found: dict[str, str] = {}
    if around.proxy:
        own = urlsplit(around.endpoint).hostname
        names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
        found |= dict.fromkeys(names, around.proxy)
        found |= dict.fromkeys(("NO_PROXY", "no_proxy"), f"{own},127.0.0.1,localhost")
        found["NODE_USE_ENV_PROXY"] = "1"
    if around.authority is not None:
        found |= dict.fromkeys(TRUST, str(around.authority))
    return found


def python_path(spec: EnvironmentSpec, version: str) -> list[str]:
    """What Lambda puts before the standard library: the code, then the layers, the last one first."""
    path = [str(spec.code)]
    path += [entry for entry in spec.environment.get("PYTHONPATH", "").split(":") if entry]
    for layer in reversed(spec.layers):
        path += [f"{layer}/python/lib/python{version}/site-packages", f"{layer}/python"]
    return path


def needs_no_tmp(spec: EnvironmentSpec, scratch: Path) -> bool:
    """Whether nothing that an environment is made of lies in the machine's /tmp: it can have one of its own then."""
    needed = (scratch, spec.code, *spec.layers, Path(sys.prefix), Path(sys.base_prefix))
    return not any(place.resolve().is_relative_to("/tmp") for place in needed)
