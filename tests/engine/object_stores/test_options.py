import pytest

from whalecurve import engine
from whalecurve.engine.object_stores import parsed, redacted, scan_options, set_storage_options
from whalecurve.engine.object_stores.options import client_options, endpoint_of, polars_options, store_options


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP", "AWS_REGION", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    set_storage_options({})
    yield
    set_storage_options({})


def test_options_are_for_the_stores_of_their_name_and_those_of_the_connection_for_all():
    set_storage_options({"AWS_Region": "eu-west-1", "azure_storage_account_name": "shop", "timeout": "5s"})
    assert store_options("s3") == {"aws_region": "eu-west-1"}
    assert store_options("abfss") == {"azure_storage_account_name": "shop"}
    assert store_options("gs") == {}
    assert client_options("gs")["timeout"] == "5s"
    assert polars_options("s3://b/a") == {"aws_region": "eu-west-1", "timeout": "5s"}


def test_an_address_of_plain_http_is_allowed_unless_it_is_forbidden(monkeypatch):
    assert client_options("s3")["allow_http"] is False
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    assert endpoint_of("s3") == "http://127.0.0.1:9000"
    assert client_options("s3")["allow_http"] is True
    assert polars_options("s3://b/a") == {"allow_http": "true", "aws_region": "us-east-1"}
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    assert client_options("s3")["allow_http"] is False


def test_polars_looks_for_profiles_where_no_keys_are_given(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    assert scan_options("orders/a.parquet") == {}
    assert scan_options("s3://b/a")["credential_provider"] == "auto"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    assert scan_options("s3://b/a")["credential_provider"] is None
    assert scan_options("gs://b/a")["credential_provider"] == "auto"


def test_an_option_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://there")
    set_storage_options({"aws_endpoint_url": "https://here"})
    assert endpoint_of("s3") == "https://here"


def test_a_name_that_no_store_has_is_refused():
    with pytest.raises(engine.InputError) as caught:
        set_storage_options({"region": "eu-west-1"})
    assert str(caught.value).startswith(
        '`storage_option` "region" is unknown; names begin with aws_, azure_ or google_'
    )


def test_texts_are_split_at_their_first_equals_sign_and_never_repeated():
    assert parsed(["aws_secret_access_key=a=b", " allow_http =true"]) == {
        "aws_secret_access_key": "a=b",
        "allow_http": "true",
    }
    with pytest.raises(engine.InputError) as caught:
        parsed(["aws_region=x", "hunter2hunter2"])
    assert str(caught.value) == "`storage_option` number 2 is not KEY=VALUE; write aws_region=eu-west-1"


def test_secrets_and_signatures_are_taken_out_of_messages(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environment-secret")
    set_storage_options({"azure_storage_sas_token": "sv=2024&sig=abc%2Bdef", "aws_region": "eu-west-1"})
    text = (
        "GET https://x/y?a=1&sig=zzz&X-Amz-Signature=00ff failed: environment-secret, sv=2024&sig=abc%2Bdef, eu-west-1"
    )
    assert redacted(text) == "GET https://x/y?a=1&sig=***&X-Amz-Signature=*** failed: ***, ***, eu-west-1"
