"""How object stores are reached: the environment, then options that were given; never written anywhere.

The environment has what the tools of each store take: `AWS_*`, `AZURE_*`, `GOOGLE_*`. Options have the same names, in
small letters (`aws_region`), and win. They hold for the process: they say who asks, not what is asked for, and so are
no part of any result, record or message.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from whalecurve.engine.errors import SIGNED, InputError, setting
from whalecurve.engine.paths import is_object_url

RETRIES, SECONDS = 2, 10
"""Tries after the first one, and the time for all of them, before a store that does not answer is given up on."""

CLIENT = (
    "allow_http", "allow_invalid_certificates", "connect_timeout", "http1_only", "http2_only", "proxy_url",
    "proxy_ca_certificate", "proxy_excludes", "root_certificate", "timeout", "user_agent",
)  # fmt: skip
"""Options of the connection, whatever the store."""

FAMILIES = {"aws": ("s3", "s3a"), "google": ("gs", "gcs"), "azure": ("az", "azure", "abfs", "abfss", "adl")}
"""First words of options, and of variables of the environment, by the schemes that they are for."""

SECRET = re.compile(r"(?i)secret|token|password|account_key|access_key|sas|credential|service_account")
"""Names of options and variables whose values are never shown."""

LEAST_HIDDEN = 6
"""Letters of a secret from which on it is looked for in messages: fewer are found in any text."""

KEYS = (
    "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SKIP_SIGNATURE",
)  # fmt: skip
"""Variables, and options in capitals, that say who asks without a profile."""

KEEP = "keep_runs"
"""Option of ours: how many runs of a result stay on a store, the current one among them."""
USUALLY_KEPT = 3

USUAL_REGION = "us-east-1"
"""Where buckets are of which nothing is said; stores of others than Amazon mind no region."""

_given: dict[str, str] = {}


def set_storage_options(options: Mapping[str, str]) -> None:
    """Say how object stores are reached, from now on and for the whole process, beside what the environment says.

    Parameters
    ----------
    options
        Values by names such as `aws_endpoint_url`, `azure_storage_account_key`, `google_service_account`,
        `allow_http`, `timeout`. They replace those that were given before.

    Returns
    -------
    None

    Raises
    ------
    InputError
        A name of no store's and no connection's.

    Examples
    --------
    >>> import whalecurve as wc
    >>> wc.set_storage_options({"aws_region": "eu-central-1"})
    >>> wc.set_storage_options({})
    """
    named = {str(name).strip().lower(): str(value) for name, value in options.items()}
    for name in named:
        if name not in CLIENT and name != KEEP and name.partition("_")[0] not in FAMILIES:
            raise InputError(
                f'{setting("storage_option")} "{name}" is unknown; names begin with aws_, azure_ or google_, or are '
                f"of the connection, as allow_http and timeout"
            )
    kept = named.get(KEEP, "1")
    if not (kept.isdecimal() and int(kept) > 0):
        raise InputError(f'{setting("storage_option")} "{KEEP}" is {kept}, expected a number of runs, 1 or more')
    _given.clear()
    _given.update(named)


def parsed(texts: list[str]) -> dict[str, str]:
    """Options from texts of the form KEY=VALUE.

    Raises
    ------
    InputError
        A text without a name or an equals sign; the message does not repeat what may be a secret.
    """
    options: dict[str, str] = {}
    for place, text in enumerate(texts, start=1):
        name, separator, value = text.partition("=")
        if not separator or not name.strip():
            raise InputError(f"{setting('storage_option')} number {place} is not KEY=VALUE; write aws_region=eu-west-1")
        options[name.strip()] = value
    return options


def family_of(scheme: str) -> str:
    """The first word of the options for a scheme: aws, azure, google."""
    return next(family for family, schemes in FAMILIES.items() if scheme in schemes)


def store_options(scheme: str) -> dict[str, str]:
    """What was given for the stores of a scheme; the environment is left to the libraries."""
    family = family_of(scheme)
    return {name: value for name, value in _given.items() if name.partition("_")[0] == family and name not in CLIENT}


def client_options(scheme: str) -> dict[str, Any]:
    """Options of the connection; plain HTTP is allowed where the address of the store asks for it."""
    given = {name: value for name, value in _given.items() if name in CLIENT}
    usual: dict[str, Any] = {"connect_timeout": "2s", "timeout": "60s"}
    said = given.pop("allow_http", None) or _variable(scheme, "allow_http")
    asked = (endpoint_of(scheme) or "").lower().startswith("http://")
    usual["allow_http"] = asked if said is None else said.strip().lower() in ("1", "true", "yes", "on")
    return usual | given


def endpoint_of(scheme: str) -> str | None:
    """The address of the store, where it is not the usual one."""
    names = (
        ("endpoint_url_s3", "endpoint_url", "endpoint")
        if family_of(scheme) == "aws"
        else ("storage_endpoint", "endpoint")
    )
    said = store_options(scheme)
    given = (said.get(f"{family_of(scheme)}_{name}") for name in names)
    return next((url for url in given if url), None) or next(
        (url for name in names if (url := _variable(scheme, name))), None
    )


def scan_options(path: str) -> dict[str, Any]:
    """What Polars must be told to read the rows at a path; nothing for a local file."""
    if not is_object_url(path):
        return {}
    has_keys = says_who_asks(path.partition("://")[0].lower())
    # else Polars would load the library of the store for what the environment says, and log that it found it
    return {"storage_options": polars_options(path), "credential_provider": None if has_keys else "auto"}


def says_who_asks(scheme: str) -> bool:
    """Whether options or environment have keys for a store of Amazon's kind, so that profiles are not looked for."""
    said = {name.upper() for name in store_options(scheme)} | {name for name in os.environ if name.startswith("AWS_")}
    return family_of(scheme) == "aws" and not said.isdisjoint(KEYS)


def table_options(url: str) -> dict[str, str]:
    """The same for the library of Delta Lake, which reads and writes tables."""
    return {name: str(value) for name, value in (polars_options(url) or {}).items()}


def polars_options(url: str) -> dict[str, Any] | None:
    """The same for Polars, which reads the rows; None where the environment says it all."""
    scheme = url.partition("://")[0].lower()
    connection = {name: value for name, value in _given.items() if name in CLIENT}
    options: dict[str, Any] = store_options(scheme) | connection
    if client_options(scheme)["allow_http"]:
        options["allow_http"] = "true"
    if family_of(scheme) == "aws" and not (_variable(scheme, "region") or _variable(scheme, "default_region")):
        options.setdefault("aws_region", USUAL_REGION)  # Polars would ask AWS where the bucket is, and warn
    return options or None


def kept_runs() -> int:
    """How many runs of a result stay on a store."""
    return int(_given.get(KEEP, USUALLY_KEPT))


def redacted(text: str) -> str:
    """A text without the secrets of options and environment, and without signatures."""
    variables = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "AZURE_", "GOOGLE_"))}
    secrets = {value for name, value in (variables | _given).items() if SECRET.search(name)}
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= LEAST_HIDDEN:
            text = text.replace(secret, "***")
    return SIGNED.sub(r"\1=***", text)


def _variable(scheme: str, name: str) -> str | None:
    return os.environ.get(f"{family_of(scheme)}_{name}".upper())
