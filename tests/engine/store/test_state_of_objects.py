"""A state over objects of a store: known by path, size and ETag."""

import json

import polars as pl
import pytest

from tests.engine.store.test_state import assert_same, scored, write
from tests.support.logs import simple_log
from whalecurve import engine
from whalecurve.engine.store import line_batches as reading

pytestmark = pytest.mark.stores


@pytest.fixture
def files(tmp_path):
    return write(simple_log(3_000, n_customers=300, seed=5), tmp_path / "orders", cuts=[1_000, 1_500, 2_500])


def put(bucket, files, *places):
    for place in places:
        bucket.put(f"orders/{files[place].name}", files[place])


def test_three_nights_with_a_late_object_are_one_run_over_all_and_read_what_is_new_alone(
    bucket, files, tmp_path, monkeypatch
):
    n_read = []
    plain = reading._Reader.lines_of
    monkeypatch.setattr(reading._Reader, "lines_of", lambda self, b: n_read.append(b.height) or plain(self, b))
    url = f"{bucket.url}/orders/"
    for new, n_lines in (((0, 2), 2_000), ((3,), 500), ((1,), 500), ((), 0)):  # the second of all files comes last
        put(bucket, files, *new)
        n_read.clear()
        kept = scored(url, tmp_path / "kept", state=tmp_path / "state")
        assert sum(n_read) == n_lines
    assert_same(kept, scored(url, tmp_path / "once"))
    seen = json.loads((tmp_path / "state" / "state.json").read_text())["files"]
    assert [one["path"] for one in seen] == [f"{bucket.url}/orders/part-{n}.parquet" for n in range(4)]
    assert all(one["e_tag"] and one["sha256"] is None for one in seen)


def test_an_object_that_was_replaced_or_removed_is_named_and_nothing_is_touched(bucket, files, tmp_path):
    put(bucket, files, 0, 1)
    url, first = f"{bucket.url}/orders/", f"{bucket.url}/orders/part-0.parquet"
    scored(url, tmp_path / "kept", state=tmp_path / "state")
    before = {path.name: path.read_bytes() for path in (tmp_path / "state").iterdir()}
    put(bucket, files, 0)  # again, the same
    scored(url, tmp_path / "kept", state=tmp_path / "state")
    swapped = pl.read_parquet(files[0]).with_columns(pl.col("amount").reverse())
    swapped.write_parquet(files[0])
    put(bucket, files, 0)
    with pytest.raises(engine.InputError, match=f"{first} has changed since it was added; start again in a new"):
        scored(url, tmp_path / "kept", state=tmp_path / "state")
    bucket.remove("orders/part-0.parquet")
    with pytest.raises(engine.InputError, match=f"holds {first}, which is not among the orders any more"):
        scored(url, tmp_path / "kept", state=tmp_path / "state")
    assert {path.name: path.read_bytes() for path in (tmp_path / "state").iterdir()} == before


def test_a_result_of_an_object_that_was_replaced_is_not_explained_by_the_new_one(bucket, files, tmp_path):
    put(bucket, files, 0)
    url = f"{bucket.url}/orders/part-0.parquet"
    engine.score(url, out=tmp_path / "scores")
    table = pl.read_parquet(files[0])
    table.with_columns(pl.col("amount").reverse()).write_parquet(files[0])
    put(bucket, files, 0)
    with pytest.raises(engine.InputError, match=f"{url}: has changed since .*scores was scored"):
        engine.profile(tmp_path / "scores")
