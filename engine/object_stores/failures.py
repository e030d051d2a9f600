"""What a store answers that cannot be worked with, in one line: which of the usual causes it is, and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.extras import needed
from whalecurve.engine.object_stores.locations import Location
from whalecurve.engine.object_stores.options import FAMILIES, endpoint_of, family_of, redacted

CREDENTIALS = {
    "aws": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "azure": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    "google": "GOOGLE_SERVICE_ACCOUNT",
}
"""Variables that say who asks, by the first word of a store's options."""

NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "specified bucket does not exist")
NO_CREDENTIALS = ("169.254.", "metadata.google", "/oauth2/token", "Account must be specified", "MissingCredentials")
REFUSED = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed", "ExpiredToken", "InvalidToken")
ELSEWHERE = ("redirect", "PermanentRedirect", "AuthorizationHeaderMalformed")
SLOW = ("timed out", "TimedOut", "kind: Timeout")
OUT_OF_REACH = ("kind: Connect", "Connection refused", "dns error", "error sending request")
STATUS = re.compile(r"status code: (\d{3}(?: [A-Z][A-Za-z-]*(?: [A-Z][A-Za-z-]*)*)?)")
"""Of what a library says of a failure: its words for one cause."""


@contextmanager
def told(location: Location, action: str) -> Iterator[None]:
    """Turn the failure of a store into InputError, one line; `action` is what it would not do: "listed", "read".

    What is not there is left to the caller, as FileNotFoundError, but where it is the bucket.
    """
    exceptions = needed("obstore.exceptions", extra="cloud", place=f"{location.url}: on an object store")
    try:
        yield
    except FileNotFoundError as error:
        if any(words in str(error) for words in NO_BUCKET):
            raise InputError(failure(location, action, error)) from None
        raise
    except (exceptions.BaseError, PermissionError, ValueError) as error:
        # what the library says besides may hold signatures: it does not go along
        raise InputError(failure(location, action, error)) from None


def failure(location: Location, action: str, error: BaseException) -> str:
    """One line on a failure: the cause, where it is one of the usual, and what to do."""
    text, scheme = str(error), location.scheme
    asked = endpoint_of(scheme) or f"the usual address of {scheme}:// stores"

    def is_about(words: tuple[str, ...]) -> bool:
        return any(word in text for word in words)

    if is_about(NO_BUCKET):
        return f"{location.url}: there is no bucket {location.bucket} at {asked}; correct the name, or make it"
    if is_about(NO_CREDENTIALS):
        return (
            f"{location.url}: no credentials were found; set {CREDENTIALS[family_of(scheme)]}, or give them by "
            f"{setting('storage_option')}"
        )
    if is_about(REFUSED):
        return f"{location.url}: the store does not accept the credentials ({_code(text)}); correct or renew them"
    if is_about(ELSEWHERE) and family_of(scheme) == "aws":
        return f"{location.url}: the bucket is in another region; set AWS_REGION to its own"
    if _is_forbidden(error, text):
        return (
            f"{location.url}: may not be {action} with these credentials (403 Forbidden); correct them, or have it "
            f"allowed"
        )
    if "BadScheme" in text:
        return f"{location.url}: {asked} is plain HTTP, which allow_http forbids; allow it, or use https"
    if is_about(SLOW):
        return f"{location.url}: {asked} does not answer in time; check the address and the network, or try again"
    if status := STATUS.search(text):
        advice = "try again later" if status[1].startswith("5") else f"check that {asked} is that of such a store"
        return f"{location.url}: cannot be {action}, the store answers {status[1]}; {advice}"
    if is_about(OUT_OF_REACH):
        return f"{location.url}: {asked} cannot be reached; check the address and the network"
    return f"{location.url}: cannot be {action} ({redacted(reason(error))}); check how the store is reached"


def _is_forbidden(error: BaseException, text: str) -> bool:
    names = ("PermissionDeniedError", "UnauthenticatedError", "PermissionError")
    return type(error).__name__ in names or "403 Forbidden" in text or "401 Unauthorized" in text


def _code(text: str) -> str:
    return next(word for word in REFUSED if word in text)


assert set(CREDENTIALS) == set(FAMILIES)
