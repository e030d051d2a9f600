import pytest

from tests.support.object_stores import KEY, SECRET, free_port, proxy
from whalecurve import engine
from whalecurve.engine.object_stores import Store, location_of, opened, store_of
from whalecurve.engine.object_stores.options import set_storage_options

pytestmark = pytest.mark.stores


@pytest.fixture
def store(bucket):
    return store_of(location_of(bucket.url))


def refusal(act, *args):
    with pytest.raises(engine.InputError) as caught:
        act(*args)
    message = str(caught.value)
    assert "\n" not in message
    assert SECRET not in message
    return message


def test_objects_are_listed_below_whole_names_with_bytes_and_etags(bucket, store):
    for key in ("orders/b", "orders/a b%20ü", "orders2/c", "orders"):
        bucket.put(key, key.encode())
    assert [(one.key, one.n_bytes) for one in store.list("orders")] == [("orders/a b%20ü", 15), ("orders/b", 8)]
    assert len(store.list("")) == 4
    assert len(store.list("", most=2)) == 2
    assert store.list("none") == []
    assert store.look("orders/b").e_tag == store.list("orders")[1].e_tag
    assert store.look("orders/none") is None


def test_what_is_put_is_read_whole_in_part_and_to_disk(bucket, store, tmp_path):
    content = bytes(range(256)) * 1000
    (tmp_path / "a").write_bytes(content)
    assert store.put("a", tmp_path / "a") == store.look("a").e_tag
    assert bucket.get("a") == content
    assert (store.read("a"), store.read("a", 3, 9)) == (content, content[3:9])
    store.save("a", tmp_path / "deep" / "b")
    assert (tmp_path / "deep" / "b").read_bytes() == content
    with opened(f"{bucket.url}/a") as file:
        assert file.read(5) == content[:5]
        file.seek(-7, 2)
        assert file.read() == content[-7:]
        file.seek(100_000)
        assert file.read(150_000) == content[100_000:250_000]
    with pytest.raises(FileNotFoundError):
        store.read("none")
    with pytest.raises(FileNotFoundError):
        opened(f"{bucket.url}/none")


def test_a_conditional_put_wins_once(bucket, store):
    assert store.put_if("m", b"1", None)
    assert not store.put_if("m", b"2", None)
    seen = store.look("m")
    assert store.put_if("m", b"3", seen)
    assert not store.put_if("m", b"4", seen)
    assert bucket.get("m") == b"3"
    store.remove(["m", "never there"])
    assert not store.put_if("m", b"5", seen)
    assert bucket.keys() == []


def test_a_write_whose_answer_was_lost_finds_itself_there(bucket, store):
    assert store.put_if("m", b"mine", None)
    assert store.put_if("m", b"mine", None)


def test_a_missing_bucket_is_named(bucket):
    asked = store_of(location_of("s3://no-such-bucket-at-all"))
    message = f"s3://no-such-bucket-at-all/x: there is no bucket no-such-bucket-at-all at {bucket.server.endpoint}; "
    assert refusal(asked.list, "x") == message + "correct the name, or make it"
    assert refusal(asked.put, "x", b"1") == message + "correct the name, or make it"


def test_wrong_credentials_are_told_without_repeating_them(bucket, monkeypatch):
    if bucket.server.kind == "moto":
        pytest.skip("moto takes any credentials")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-of-nobody")
    asked = store_of(location_of(bucket.url))
    message = refusal(asked.list, "x")
    assert message == (
        f"{bucket.url}/x: the store does not accept the credentials (SignatureDoesNotMatch); correct or renew them"
    )
    assert "may not be read with these credentials" in refusal(asked.look, "x")
    assert "wrong-secret" not in message


def test_missing_credentials_are_told(bucket, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", f"http://127.0.0.1:{free_port()}/169.254.169.254")
    assert refusal(store_of(location_of(bucket.url)).list, "x") == (
        f"{bucket.url}/x: no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give them by "
        f"`storage_option`"
    )


def test_credentials_of_a_profile_serve_where_the_library_of_aws_is_there(bucket, monkeypatch, tmp_path):
    shared = tmp_path / "credentials"
    shared.write_text(f"[shop]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(shared))
    monkeypatch.setenv("AWS_PROFILE", "shop")
    bucket.put("a", b"1")
    assert store_of(location_of(bucket.url)).read("a") == b"1"


def test_options_reach_a_store_of_which_the_environment_says_nothing(bucket, monkeypatch):
    for name in bucket.server.environment:
        monkeypatch.delenv(name)
    set_storage_options({name.lower(): value for name, value in bucket.server.environment.items()})
    try:
        bucket.put("a", b"1")
        assert store_of(location_of(bucket.url)).read("a") == b"1"
        set_storage_options({"aws_regoin": "eu-west-1"})
        assert refusal(store_of, location_of(bucket.url)).startswith(f"{bucket.url}: ")
    finally:
        set_storage_options({})


def test_an_address_where_nobody_listens_is_named(bucket, monkeypatch):
    endpoint = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    message = f"{bucket.url}/x: {endpoint} cannot be reached; check the address and the network"
    assert refusal(store_of(location_of(bucket.url)).list, "x") == message


def test_a_store_that_answers_with_errors_is_asked_thrice_at_first_and_then_named(bucket, monkeypatch):
    with proxy(bucket.server) as (behind, faults):
        monkeypatch.setenv("AWS_ENDPOINT_URL", behind.endpoint)
        asked = store_of(location_of(bucket.url))
        faults.answers = [503, 500]
        assert asked.list("x") == []
        asked = Store(bucket.url)
        faults.answers, faults.seen = [503] * 9, []
        message = refusal(asked.list, "x")
        assert message == (
            f"{bucket.url}/x: cannot be listed, the store answers 503 Service Unavailable; try again later"
        )
        assert len(faults.seen) == 3


def test_a_store_that_answers_late_is_named(bucket, monkeypatch):
    with proxy(bucket.server) as (behind, faults):
        monkeypatch.setenv("AWS_ENDPOINT_URL", behind.endpoint)
        set_storage_options({"timeout": "50ms"})
        try:
            faults.delay = 1.0
            message = refusal(store_of(location_of(bucket.url)).list, "x")
        finally:
            set_storage_options({})
    assert message == (
        f"{bucket.url}/x: {behind.endpoint} does not answer in time; check the address and the network, or try again"
    )
