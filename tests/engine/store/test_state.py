"""A state kept on disk: later runs read new files alone and find what a run over all of them finds."""

import json
import os
import shutil
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.support.logs import simple_log
from whalecurve import engine
from whalecurve.engine.store import line_batches as reading

N_LINES = 6_000


@pytest.fixture(scope="module")
def lines():
    return simple_log(N_LINES, n_customers=500, seed=11)


def as_text(lines):
    return lines.with_columns(pl.format("customer-{}", "customer_id").alias("customer_id"))


def refused_some(lines):
    return lines.with_columns(
        pl.when(pl.int_range(pl.len()) % 97 == 0).then(None).otherwise(pl.col("customer_id")).alias("customer_id")
    )


def write(lines, folder, cuts):
    folder.mkdir(exist_ok=True)
    ends = [0, *cuts, lines.height]
    for i, (a, b) in enumerate(pairwise(ends)):
        lines[a:b].write_parquet(folder / f"part-{i}.parquet")
    return sorted(folder.iterdir())


def scored(orders, out, **options):
    run = engine.score(orders, out=out, layout="flat", overwrite=True, max_refused=1.0, **options)
    tables = {name: pl.read_parquet(out / name) for name in ("customers", "segments.parquet", "refused.parquet")}
    manifest = {k: v for k, v in run.manifest.items() if k not in ("created", "timings", "outputs")}
    return tables, json.dumps([manifest, run.model])


def assert_same(one, other):
    assert one[1] == other[1]
    for name, table in one[0].items():
        assert_frame_equal(table, other[0][name], check_exact=True)


@pytest.mark.parametrize("change", [lambda lines: lines, as_text, refused_some], ids=["integers", "text", "refused"])
def test_file_by_file_is_the_same_as_all_at_once(lines, tmp_path, change):
    files = write(change(lines), tmp_path / "orders", cuts=[1_000, 3_333, 5_500])
    for n in range(1, len(files) + 1):
        kept = scored(files[:n], tmp_path / "kept", state=tmp_path / "state")
    assert_same(kept, scored(files, tmp_path / "once"))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=3).map(sorted), st.integers(0, 10**6))
def test_any_cut_through_a_day_or_an_order_is_the_same(tmp_path_factory, cuts, seed):
    folder = tmp_path_factory.mktemp("cuts")
    small = simple_log(400, n_customers=40, seed=seed).with_columns(pl.col("order_ts").dt.truncate("40d"))
    files = write(small, folder / "orders", cuts)
    for n in range(1, len(files) + 1):
        if pl.scan_parquet(files[:n]).select(pl.len()).collect().item():
            kept = scored(files[:n], folder / "kept", state=folder / "state")
    assert_same(kept, scored(files, folder / "once"))


def test_only_new_files_are_read(lines, tmp_path, monkeypatch):
    files = write(lines, tmp_path / "orders", cuts=[5_000])
    scored(files[:1], tmp_path / "kept", state=tmp_path / "state")
    n_read = []
    plain = reading._Reader.lines_of
    monkeypatch.setattr(reading._Reader, "lines_of", lambda self, b: n_read.append(b.height) or plain(self, b))
    scored(files, tmp_path / "kept", state=tmp_path / "state")
    assert sum(n_read) == N_LINES - 5_000
    n_read.clear()
    scored(files, tmp_path / "kept", state=tmp_path / "state")
    assert n_read == []


def test_an_older_file_that_comes_late_is_added_all_the_same(lines, tmp_path):
    files = write(lines, tmp_path / "orders", cuts=[2_000, 4_000])
    scored([files[0], files[2]], tmp_path / "kept", state=tmp_path / "state")
    assert_same(scored(files, tmp_path / "kept", state=tmp_path / "state"), scored(files, tmp_path / "once"))


def test_a_file_that_was_only_touched_is_the_same_file(lines, tmp_path):
    files = write(lines, tmp_path / "orders", cuts=[3_000])
    before, _ = scored(files, tmp_path / "kept", state=tmp_path / "state")
    record = tmp_path / "state" / "state.json"
    seen = json.loads(record.read_text())["files"]
    copied = tmp_path / "copy.parquet"
    shutil.copyfile(files[0], copied)
    os.utime(copied, ns=(1, 1))
    shutil.move(copied, files[0])
    after, _ = scored(files, tmp_path / "kept", state=tmp_path / "state")
    for name, table in before.items():
        assert_frame_equal(after[name], table, check_exact=True)
    assert json.loads(record.read_text())["files"] == [seen[0] | {"modified_ns": 1}, seen[1]]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda files, _: files[0].write_bytes(files[1].read_bytes()), r"part-0\.parquet has changed"),
        (lambda files, _: files[0].unlink(), r"holds \S*part-0\.parquet, which is not among the orders"),
        (lambda _, state: (state / "state.json").write_text("{"), "not a state of whalecurve"),
        (lambda _, state: (state / "state.json").unlink(), "not a state of whalecurve"),
        (
            lambda _, state: (state / "state.json").write_text('{"files": [], "settings": {"columns": [1]}}'),
            "not a state of whalecurve",
        ),
    ],
    ids=["changed", "gone", "damaged", "no record", "odd settings"],
)
def test_what_does_not_fit_the_state_is_named_in_one_line(lines, tmp_path, spoil, message):
    files = write(lines, tmp_path / "orders", cuts=[3_000])
    scored(files, tmp_path / "kept", state=tmp_path / "state")
    spoil(files, tmp_path / "state")
    with pytest.raises(engine.InputError, match=message) as caught:
        scored([file for file in files if file.exists()], tmp_path / "kept", state=tmp_path / "state")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"where": "amount > 0"}, 'where none, now it is "amount > 0"'),
        ({"amount": "amount * 2"}, 'columns.amount "amount", now it is "amount * 2"'),
        ({"margin": ""}, 'columns.margin "margin", now it is none'),
    ],
)
def test_other_settings_are_refused_by_name_and_in_words(lines, tmp_path, columns, words):
    files = write(lines, tmp_path / "orders", cuts=[])
    scored(files, tmp_path / "kept", state=tmp_path / "state")
    with pytest.raises(engine.InputError) as caught:
        scored(files, tmp_path / "kept", state=tmp_path / "state", columns=engine.Columns(**columns))
    assert str(caught.value) == (
        f'state="{tmp_path / "state"}": was made with {words}; use the same settings, or another directory'
    )


def test_lines_after_as_of_would_be_lost_to_the_state(lines, tmp_path):
    files = write(lines, tmp_path / "orders", cuts=[])
    window = engine.Window(as_of=lines["order_ts"][3_000].date())
    with pytest.raises(engine.InputError, match="give a later `as_of`"):
        scored(files, tmp_path / "kept", state=tmp_path / "state", window=window)
    assert not (tmp_path / "state").exists()
    assert not (tmp_path / "kept").exists()


def test_a_state_among_the_orders_is_refused(lines, tmp_path):
    files = write(lines, tmp_path / "orders", cuts=[])
    with pytest.raises(engine.InputError, match="holds the orders themselves"):
        scored(files, tmp_path / "kept", state=tmp_path / "orders")


def test_a_state_takes_files_of_any_kind_and_says_what_could_not_be_read(lines, tmp_path):
    folder = tmp_path / "orders"
    (first, second) = write(lines, folder, cuts=[3_000])
    with second.with_suffix(".csv").open("w", encoding="utf-8") as csv:
        csv.write(pl.read_parquet(second).write_csv())
        csv.write("1,2024-01-01 00:00:00,5,lots,1\n")
    paths = [first, second.with_suffix(".csv")]
    scored(paths[:1], tmp_path / "kept", state=tmp_path / "state")
    kept = scored(paths, tmp_path / "kept", state=tmp_path / "state")
    assert_same(kept, scored(paths, tmp_path / "anew"))
    last = kept[0]["refused.parquet"].row(-1, named=True)
    assert (last["reason"], last["found"], last["row"]) == ("unreadable", 'amount "lots"', 3_000)


def test_lines_selected_by_attributes_are_added_and_other_attributes_begin_anew(lines, tmp_path):
    files = write(lines, tmp_path / "orders", [2_000])
    ids = lines["customer_id"].unique().sort()
    pl.DataFrame({"customer_id": ids, "kind": ids % 3}).write_parquet(tmp_path / "crm.parquet")
    columns = {"attributes": tmp_path / "crm.parquet", "where": "kind = 1"}
    state = tmp_path / "state"
    scored(files[:1], tmp_path / "first", columns=columns, state=state)
    (found, said), (expected, also_said) = (
        scored(files, tmp_path / out, columns=columns, **kept) for out, kept in (("a", {"state": state}), ("b", {}))
    )
    for name, table in expected.items():
        assert_frame_equal(found[name], table)
    assert set(found["customers"]["customer_id"] % 3) == {1}
    assert said == also_said
    pl.DataFrame({"customer_id": ids, "kind": ids % 2}).write_parquet(tmp_path / "crm.parquet")
    with pytest.raises(engine.InputError, match="was made with attributes"):
        scored(files, tmp_path / "a", columns=columns, state=state)
    scored(files, tmp_path / "a", columns={"attributes": tmp_path / "crm.parquet"}, state=tmp_path / "other")
