"""Order logs on an object store: what lies there is found, counted, named and read as files are."""

import json

import polars as pl
import pytest

from tests.engine.order_files.test_files import log
from tests.support.object_stores import SECRET, proxy
from whalecurve import engine
from whalecurve.engine.order_files import find_all

pytestmark = pytest.mark.stores


@pytest.fixture
def orders(tmp_path):
    """Eight files in folders of two keys, with what a writer leaves beside them."""
    root = tmp_path / "orders"
    for n in range(8):
        folder = root / f"month={n // 4}" / "shop=a b%20c"
        folder.mkdir(parents=True, exist_ok=True)
        log(amount=pl.lit(float(n))).write_parquet(folder / f"part {n}.parquet")
    for name in ("_SUCCESS", ".hidden.parquet", "_old/part.csv", "notes.csv", "month=0/.tmp/x.parquet"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"no Parquet")
    return root


def refusal(*urls):
    with pytest.raises(engine.InputError) as caught:
        find_all(list(urls))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def told(path):
    """What is found behind a path, but for where it lies and what only stores know."""
    found = find_all(str(path))
    root = str(path).partition("/orders")[0]
    files = [
        (file.path.removeprefix(root), file.n_rows, file.n_bytes, file.schema, file.partitions) for file in found.files
    ]
    return files, [name.removeprefix(root) for name in found.passed_over]


@pytest.mark.parametrize(
    "pattern", ["", "/", "/*/*/*.parquet", "/**/*.parquet", "/month=*/", "/month=1/**", "/month=0/*/part 1.parquet"]
)
def test_objects_are_found_as_files_are(bucket, orders, pattern):
    bucket.put_all(orders, "orders/")
    on_disk, in_store = told(f"{orders}{pattern}"), told(f"{bucket.url}/orders{pattern}")
    assert in_store == on_disk
    assert on_disk[0][0][4] == ("month", "shop")


def test_an_object_is_read_as_a_file_is_by_any_step(bucket, orders):
    bucket.put_all(orders, "orders/")
    where = engine.Columns(where="month = 1 AND shop LIKE 'a%'")
    on_disk, in_store = (engine.check_orders(str(place), where) for place in (orders, f"{bucket.url}/orders"))
    assert in_store.n_files == on_disk.n_files == 8
    assert in_store.n_bytes == on_disk.n_bytes
    assert in_store.audit.n_used == on_disk.audit.n_used > 0
    assert in_store.audit.refused == on_disk.audit.refused


def test_two_objects_of_the_same_content_are_told(bucket, orders):
    (orders / "month=0" / "copy.parquet").write_bytes((orders / "month=0/shop=a b%20c/part 0.parquet").read_bytes())
    bucket.put_all(orders, "orders/")
    check = engine.check_orders(f"{bucket.url}/orders")
    assert check.copies == (
        (f"{bucket.url}/orders/month=0/copy.parquet", f"{bucket.url}/orders/month=0/shop=a b%20c/part 0.parquet"),
    )


def test_a_column_that_arrow_has_to_read_is_read_from_a_store_too(bucket, tmp_path):
    zoned = log().with_columns(other=pl.lit(1)).to_arrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    odd = zoned.append_column("odd", pa.array([0] * zoned.num_rows, pa.timestamp("us", "+01:30")))
    pq.write_table(odd, tmp_path / "a.parquet")
    bucket.put("orders/a.parquet", tmp_path / "a.parquet")
    (file,) = find_all(f"{bucket.url}/orders").files
    assert file.is_odd
    check = engine.check_orders(f"{bucket.url}/orders")
    assert check.audit.n_used == engine.check_orders(str(tmp_path / "a.parquet")).audit.n_used > 0


@pytest.mark.parametrize(
    ("log_of_table", "kind"),
    [
        ("_delta_log/0.json", "Delta Lake"),
        (".hoodie/hoodie.properties", "Hudi"),
        ("metadata/v1.metadata.json", "Iceberg"),
    ],
)
@pytest.mark.parametrize(
    "named",
    ["table", "table/*.parquet", "table/**/*.parquet", "table/day=1/a.parquet", "table/day=1/*", "**/*.parquet", "t*"],
)
def test_a_table_is_refused_by_whatever_pattern_prefix_or_object_it_is_named(
    bucket, tmp_path, log_of_table, kind, named
):
    log().write_parquet(tmp_path / "a.parquet")
    for key in ("lake/table/a.parquet", "lake/table/day=1/a.parquet"):
        bucket.put(key, tmp_path / "a.parquet")
    bucket.put(f"lake/table/{log_of_table}", b"{}")
    if (named, kind) == ("table", "Delta Lake"):
        named = "table/day=1"  # the table itself is read as such
    message = refusal(f"{bucket.url}/lake/{named}")
    assert message.startswith(f"{bucket.url}/lake/table: a")
    assert f"{kind} table, whose directory also holds replaced rows" in message


def test_what_cannot_be_read_is_named_in_one_line(bucket, orders):
    bucket.put_all(orders, "orders/")
    bucket.put("broken/a.parquet", b"PAR1 and then nothing")
    bucket.put("texts/a.csv", b"customer_id,amount\n1,2\n")
    bucket.put("orders/_old/part.parquet", b"no Parquet")
    url = bucket.url
    assert refusal(f"{url}/nope") == f"{url}/nope: no such object, and nothing below it; check the URL"
    assert refusal(f"{url}/orders/*.pq").startswith(f"{url}/orders/*.pq: the pattern matches no order file; ")
    assert refusal(f"{url}/broken").startswith(f"{url}/broken/a.parquet: not a readable Parquet file (")
    assert "of object stores, Parquet alone is read" in refusal(f"{url}/texts")
    assert "of object stores, Parquet alone is read" in refusal(f"{url}/texts/a.csv")
    assert refusal(f"{url}/orders/_old/") == (
        f"{url}/orders/_old/part.parquet: not a readable Parquet file (Parquet magic bytes not found in footer. Either "
        f"the file is corrupted or this is not a parquet file); export the file again, or exclude it"
    )


def test_results_among_orders_are_no_orders(bucket, orders):
    bucket.put_all(orders, "orders/")
    for name in ("manifest.json", "model.json", "customers/a.parquet"):
        bucket.put(f"orders/scores/runs/1/{name}", b"{}")
    assert len(find_all(f"{bucket.url}/orders").files) == 8
    assert refusal(f"{bucket.url}/orders/scores/runs/1/customers") == (
        f"{bucket.url}/orders/scores/runs/1/customers: a prefix with only a whalecurve result below it; name the one "
        f"that holds the orders"
    )


def test_a_score_of_objects_is_that_of_files_to_the_last_bit(bucket, orders, tmp_path):
    bucket.put_all(orders, "orders/")
    for place, out in ((str(orders), "disk"), (f"{bucket.url}/orders", "store")):
        engine.score(place, out=tmp_path / out)
    names = [path.relative_to(tmp_path / "disk") for path in sorted((tmp_path / "disk").rglob("*.parquet"))]
    assert names
    for name in names:
        assert (tmp_path / "disk" / name).read_bytes() == (tmp_path / "store" / name).read_bytes(), name
    inputs = json.loads((tmp_path / "store" / "manifest.json").read_text())["inputs"]
    assert [one["rows"] for one in inputs] == [log().height] * 8
    assert all(one["e_tag"] for one in inputs)


def test_errors_and_late_answers_of_a_store_that_pass_are_sat_out_while_rows_are_read(
    bucket, orders, tmp_path, monkeypatch
):
    bucket.put_all(orders, "orders/")
    engine.score(str(orders), out=tmp_path / "disk")
    with proxy(bucket.server) as (behind, faults):
        monkeypatch.setenv("AWS_ENDPOINT_URL", behind.endpoint)
        files = find_all(f"{bucket.url}/orders").files
        faults.answers, faults.delay = [503, 500, 503], 0.01
        engine.score(files, out=tmp_path / "store")
        assert faults.answers == []
    for name in ("segments.parquet", "concentration.parquet"):
        assert (tmp_path / "disk" / name).read_bytes() == (tmp_path / "store" / name).read_bytes()


def test_an_object_that_goes_while_it_is_read_is_named_and_nothing_is_written(bucket, orders, tmp_path):
    bucket.put_all(orders, "orders/")
    files = find_all(f"{bucket.url}/orders").files
    bucket.remove("orders/month=1/shop=a b%20c/part 7.parquet")
    with pytest.raises(engine.InputError) as caught:
        engine.score(files, out=tmp_path / "scores")
    message = str(caught.value)
    assert message.startswith(f"{bucket.url}/orders/month=1/shop=a b%20c/part 7.parquet: cannot be read to its end (")
    assert SECRET not in message
    assert not (tmp_path / "scores").exists()


@pytest.fixture
def delta(bucket):
    """A table of three versions, whose first rows were replaced; its URL."""
    url = f"{bucket.url}/lake/a table"
    options = {name.lower(): value for name, value in bucket.server.environment.items()}
    access = options | {"allow_http": "true"}
    log(amount=pl.lit(100.0)).write_delta(url, mode="overwrite", storage_options=access)
    log(amount=pl.lit(1.0)).write_delta(url, mode="overwrite", storage_options=access)
    log(amount=pl.lit(2.0)).write_delta(url, mode="append", storage_options=access)
    return url, access


def test_a_delta_table_on_a_store_is_read_as_it_is_and_its_version_recorded(bucket, delta, tmp_path):
    url, access = delta
    (file,) = find_all(f"{url}/").files
    assert (file.path, file.n_rows, file.origin) == (url, 2 * log().height, {"format": "delta", "version": 2})
    run = engine.score(url, out=tmp_path / "scores")
    assert run.to_polars()["value"].sum() == 3.0 * log().height
    assert run.manifest["inputs"][0] | {"rows": None} == {
        "path": url, "rows": None, "bytes": None, "format": "delta", "version": 2,
    }  # fmt: skip
    opened = engine.scan_orders(url)
    log(amount=pl.lit(5.0)).write_delta(url, mode="overwrite", storage_options=access)
    assert engine.audit_orders(opened, engine.Window()).n_used == 2 * log().height  # of the version that was found
    with pytest.raises(engine.InputError, match=r"has changed since .* was scored: version 3, then 2; score again"):
        engine.profile(run, settings={"min_customers": 1})


def test_files_of_a_delta_table_on_a_store_are_refused_all_the_same(bucket, delta):
    url, _ = delta
    for name in (f"{url}/*.parquet", f"{bucket.url}/lake/", f"{bucket.url}/**/*.parquet"):
        assert refusal(name) == (
            f"{url}: a Delta Lake table, whose directory also holds replaced rows; name the table alone"
        )


def test_a_delta_table_on_a_store_that_cannot_be_read_is_named(bucket, tmp_path):
    bucket.put("lake/broken/_delta_log/00000000000000000000.json", b"{}")
    message = refusal(f"{bucket.url}/lake/broken")
    assert message.startswith(f"{bucket.url}/lake/broken: a Delta Lake table that cannot be read (")
    assert SECRET not in message


def test_an_object_that_is_replaced_while_it_is_read_is_named_and_nothing_is_kept(bucket, orders, tmp_path):
    bucket.put_all(orders, "orders/")
    files = find_all(f"{bucket.url}/orders").files
    name = "month=1/shop=a b%20c/part 7.parquet"
    log(amount=pl.lit(9.0)).write_parquet(tmp_path / "other.parquet")
    assert (tmp_path / "other.parquet").stat().st_size == (orders / name).stat().st_size
    bucket.put(f"orders/{name}", tmp_path / "other.parquet")
    with pytest.raises(engine.InputError) as caught:
        engine.score(files, out=tmp_path / "scores", state=tmp_path / "state")
    assert str(caught.value) == f"{bucket.url}/orders/{name}: was replaced or removed while it was read; run again"
    assert not (tmp_path / "scores").exists()
    assert not (tmp_path / "state").exists()
    engine.score(f"{bucket.url}/orders", out=tmp_path / "scores", state=tmp_path / "state")
