import shutil

import polars as pl
import pytest

from tests.support.logs import N_LINES, log, write, write_all
from whalecurve import engine
from whalecurve.engine.audit import copies, samples
from whalecurve.engine.audit.copies import copies_note, equal_lines, same_content


def scanned(path, **columns):
    return engine.scan_orders(path, engine.Columns(**columns))


def names(groups):
    return [[file.path.rsplit("/", 1)[1] for file in group] for group in groups]


def test_files_with_the_same_content_are_found_under_whatever_names(tmp_path):
    write_all(tmp_path, log(), log(amount=pl.lit(2.0)), log(amount=pl.lit(3.0)))
    shutil.copy(tmp_path / "p0.parquet", tmp_path / "q.parquet")
    write(tmp_path / "deep" / "r.parquet")
    shutil.copy(tmp_path / "p2.parquet", tmp_path / "z.parquet")
    orders = scanned(tmp_path)
    assert names(same_content(orders.files)) == [["r.parquet", "p0.parquet", "q.parquet"], ["p2.parquet", "z.parquet"]]
    assert copies_note(same_content(orders.files)) == [
        f"3 files are copies of others, as {tmp_path}/p0.parquet of {tmp_path}/deep/r.parquet: 18 lines count twice; "
        f"exclude them"
    ]


def test_one_copy_is_told_as_one(tmp_path):
    write_all(tmp_path, log().head(1), log().head(1))
    assert copies_note(same_content(scanned(tmp_path).files)) == [
        f"{tmp_path}/p1.parquet is a copy of {tmp_path}/p0.parquet: 1 line counts twice; exclude it"
    ]


def test_files_of_equal_size_and_rows_are_told_apart_by_their_content(tmp_path):
    for name, byte in (("a", b"\0"), ("b", b"\1"), ("c", b"\1")):
        path = write(tmp_path / f"{name}.parquet", log(amount=pl.lit(1.0)))
        content = path.read_bytes()
        path.write_bytes(content[:4] + byte + content[5:])  # behind the magic number, before the footer
    files = scanned(tmp_path).files
    assert len({(file.n_bytes, file.n_rows) for file in files}) == 1
    assert names(same_content(files)) == [["b.parquet", "c.parquet"]]


def test_a_difference_that_no_probe_sees_is_found_in_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "PROBE", 4)
    for name, byte in (("a", b"\0"), ("b", b"\1")):
        path = write(tmp_path / f"{name}.parquet")
        content = path.read_bytes()
        path.write_bytes(content[:10] + byte + content[11:])
    assert same_content(scanned(tmp_path).files) == []


def test_empty_files_are_no_copies_and_distinct_files_are_not_read(tmp_path, monkeypatch):
    write_all(tmp_path, log().clear(), log().clear(), log(), log().head(5))
    files = scanned(tmp_path).files
    monkeypatch.setattr(copies, "_probe", lambda file: pytest.fail("read"))
    assert same_content(files) == []


def test_lines_equal_in_every_column_are_counted_but_for_the_first_of_each(tmp_path):
    lines = pl.concat([log(shop=pl.lit("north")), log(shop=pl.lit("north")).head(4), log(shop=pl.lit("south"))])
    found = equal_lines(scanned(write_all(tmp_path, lines[:5], lines[5:])), lines.height)
    assert (found.n_lines, found.n_equal, found.is_sample, set(found.columns)) == (16, 4, False, set(lines.columns))
    assert found.notes() == [
        "lines equal to another one in all 4 columns: 4 of 16 (25.0%); if they were loaded twice, their amounts count "
        "twice"
    ]


def test_lines_that_differ_in_a_column_that_is_not_mapped_are_not_equal(tmp_path):
    same = {"customer_id": pl.lit(1), "order_ts": pl.date(2024, 1, 1), "amount": pl.lit(1.0)}
    path = write(tmp_path / "a.parquet", n=list(range(N_LINES)), **same)
    found = equal_lines(scanned(path), N_LINES)
    assert (found.n_equal, found.notes()) == (0, [])


def test_a_line_with_nothing_in_it_equals_another_and_values_are_told_apart_by_their_columns(tmp_path):
    lines = pl.DataFrame(
        {
            "customer_id": [1, 2, None, None, 1, 2],
            "order_ts": [log()["order_ts"][0]] * 6,
            "amount": [2.0, 1.0, None, None, float("nan"), 0.0],
            "tags": [["a"], ["b"], None, ["c"], [], None],
        }
    )
    found = equal_lines(scanned(write(tmp_path / "a.parquet", lines)), 6)
    assert (found.n_equal, found.columns) == (1, ("customer_id", "order_ts", "amount"))


def test_lines_that_where_leaves_out_are_not_looked_at(tmp_path):
    path = write(tmp_path / "a.parquet", pl.concat([log(), log()]))
    found = equal_lines(scanned(path, where="amount < 3"), 12)
    assert (found.n_lines, found.n_equal) == (4, 2)


def test_columns_that_files_do_not_share_or_have_in_different_types_are_not_compared(tmp_path):
    files = log(a=pl.lit(1), b=pl.lit("x")), log(a=pl.lit("y"), c=pl.lit(1)), log(a=pl.lit(2), b=pl.lit("z"))
    found = equal_lines(scanned(write_all(tmp_path, *files)), 18)
    assert (found.n_equal, found.columns) == (12, ("customer_id", "order_ts", "amount"))


def test_of_a_large_log_a_sample_of_contents_gives_the_share(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "SAMPLE_LINES", 2_000)
    n = 20_000
    lines = pl.DataFrame({"customer_id": range(n), "order_ts": [log()["order_ts"][0]] * n, "amount": [1.0] * n})
    twice = pl.concat([lines, lines.head(n // 4)])
    found = equal_lines(scanned(write(tmp_path / "a.parquet", twice)), twice.height)
    assert found.is_sample
    assert 1_500 < found.n_lines < 2_500
    assert found.share == pytest.approx(0.2, abs=0.04)  # four standard errors of 2,000 lines
    assert f"of a sample of {found.n_lines:,}" in found.notes()[0]


def test_fewer_than_one_line_in_a_thousand_is_not_worth_a_word(tmp_path):
    n = 2_000
    lines = pl.DataFrame({"customer_id": range(n), "order_ts": [log()["order_ts"][0]] * n, "amount": [1.0] * n})
    one = equal_lines(scanned(write(tmp_path / "a.parquet", pl.concat([lines, lines.head(1)]))), n + 1)
    assert (one.n_equal, one.notes()) == (1, [])
    three = equal_lines(scanned(write(tmp_path / "b.parquet", pl.concat([lines, lines.head(3)]))), n + 3)
    assert len(three.notes()) == 1


def test_copies_of_text_files_are_found_though_their_lines_are_not_counted(tmp_path):
    for name in ("a.csv", "b.csv"):
        log().write_csv(tmp_path / name)
    log().head(5).write_csv(tmp_path / "c.csv")
    files = scanned(tmp_path).files
    assert names(same_content(files)) == [["a.csv", "b.csv"]]
    (note,) = copies_note(same_content(files))
    assert note == f"{tmp_path}/b.csv is a copy of {tmp_path}/a.csv: its lines count twice; exclude it"
