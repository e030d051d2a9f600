import pytest

from whalecurve.engine.object_stores import location_of
from whalecurve.engine.object_stores.failures import failure


@pytest.fixture(autouse=True)
def endpoint(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://there")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-nobody")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Server returned non-2xx status code: 404 Not Found: <Code>NoSuchBucket</Code>",
            "there is no bucket shop at https",
        ),
        (
            "PUT http://169.254.169.254/latest/api/token",
            "no credentials were found; set AWS_ACC",
        ),
        (
            "status code: 403 Forbidden: <Code>ExpiredToken</Code>",
            "the store does not accept the credentials (Expired",
        ),
        ("status code: 403 Forbidden: ", "may not be read with these credentials (403 Forbidden); correct them, or"),
        ("Received redirect without LOCATION", "the bucket is in another region; set AWS_REGION to its own"),
        ("source: BadScheme", "https://there is plain HTTP, which allow_http forbids; allow it, or use https"),
        (
            "operation timed out",
            "https://there does not answer in time; check the address and the network, or",
        ),
        (
            "status code: 503 Service Unavailable: ",
            "cannot be read, the store answers 503 Service Unav",
        ),
        (
            "status code: 404 Not Found: <html>",
            "cannot be read, the store answers 404 Not Found; check that https://t",
        ),
        ("error sending request\n kind: Connect", "https://there cannot be reached; check the address and the network"),
        (
            "never seen: a-secret-of-nobody, sig=00",
            "cannot be read (never seen: ***, sig=***); check how the store",
        ),
    ],
)
def test_each_cause_is_told_by_name_with_what_to_do(text, message):
    told = failure(location_of("s3://shop/a"), "read", OSError(text))
    assert told.startswith(f"s3://shop/a: {message}")
    assert "\n" not in told
