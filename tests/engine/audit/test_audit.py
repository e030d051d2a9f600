import math
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.logs import N_LINES, log, write, write_all
from whalecurve import engine
from whalecurve.engine.audit import messages
from whalecurve.engine.audit.audit import refuse_too_many, refused_rows, turnover_is_safe
from whalecurve.engine.orders.read_failures import failures_named


def audited(path, window=None, **columns):
    return engine.audit_orders(engine.scan_orders(path, engine.Columns(**columns)), window or engine.Window())


def refusal(path, window=None, **columns):
    with pytest.raises(engine.InputError) as caught:
        audited(path, window, **columns)
    message = str(caught.value)
    assert "\n" not in message
    return message


def refused(path, window=None, **columns):
    orders = engine.scan_orders(path, engine.Columns(**columns))
    return refused_rows(orders, engine.audit_orders(orders, window or engine.Window()))


DIRTY = log(
    customer_id=["a", "", None, "b", "b", "b"],
    order_ts=[datetime(2024, 1, 1), *[datetime(2024, 1, 2)] * 3, None, datetime(1969, 12, 31, 23, 59)],
    amount=[1.0, 2.0, 3.0, float("nan"), 5.0, 6.0],
)


def test_a_clean_log_is_used_whole(tmp_path):
    audit = audited(write(tmp_path / "a.parquet"))
    assert (audit.n_read, audit.n_used, audit.refused, audit.n_return_lines) == (N_LINES, N_LINES, {}, 0)
    assert (audit.first_day, audit.last_day, audit.as_of) == (date(2024, 1, 1), date(2024, 1, 20), date(2024, 1, 20))
    assert audit.warnings == ()


def test_every_bad_line_is_counted_under_one_reason(tmp_path):
    audit = audited(write(tmp_path / "a.parquet", DIRTY))
    assert (audit.n_read, audit.n_used) == (6, 1)
    assert audit.refused == {"null_customer": 2, "null_time": 1, "time_before_1970": 1, "amount_not_finite": 1}


def test_refused_rows_name_file_row_and_what_was_found(tmp_path):
    path = write(tmp_path / "a.parquet", DIRTY)
    assert refused(path).select("file", "row", "reason", "customer_id").rows() == [
        (str(path), 1, "null_customer", ""),
        (str(path), 2, "null_customer", None),
        (str(path), 3, "amount_not_finite", "b"),
        (str(path), 4, "null_time", "b"),
        (str(path), 5, "time_before_1970", "b"),
    ]
    found = refused(path).row(2, named=True)
    assert found["time"] == datetime(2024, 1, 2)
    assert math.isnan(found["amount"])


def test_a_clean_log_has_an_empty_table_of_refused_rows_with_the_same_columns(tmp_path):
    clean, dirty = refused(write(tmp_path / "a.parquet")), refused(write(tmp_path / "b.parquet", DIRTY))
    assert clean.is_empty()
    assert clean.columns == dirty.columns


def test_beyond_a_cap_refused_rows_are_counted_but_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("whalecurve.engine.audit.audit.REFUSED_ROWS_KEPT", 2)
    path = write(tmp_path / "a.parquet", customer_id=[None, None, None, None, 1, 1], amount=[1, 1, 1, 1, None, 1])
    assert audited(path).refused == {"null_customer": 4, "null_amount": 1}
    assert refused(path)["row"].to_list() == [0, 1, 4]


def test_both_ends_of_the_window_are_in_it_and_what_is_outside_is_counted(tmp_path):
    path = write(tmp_path / "a.parquet")  # days 1, 9, 2, 3, 5, 20
    window = engine.Window(since=date(2024, 1, 2), as_of=date(2024, 1, 9))
    audit = audited(path, window)
    assert (audit.n_used, audit.refused) == (4, {"after_as_of": 1, "before_since": 1})
    assert refused(path, window).select("row", "reason").rows() == [(0, "before_since"), (5, "after_as_of")]


def test_lines_that_where_leaves_out_are_counted_and_not_kept(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[1.0, None, 3.0, 4.0, 5.0, 6.0])
    audit = audited(path, where="amount > 3")
    assert (audit.n_read, audit.n_filtered, audit.n_used, audit.refused) == (6, 3, 3, {})
    assert refused(path, where="amount > 3").is_empty()


IDS = st.sampled_from(["a", "b", "", None])
DAYS = st.sampled_from([None, -1, 0, 19_000, 19_001, 19_400, 3_000_000])
AMOUNTS = st.sampled_from([None, 1.0, -2.5, 0.0, float("nan"), float("inf"), 1e300])
WINDOWS = st.sampled_from([(None, None), (19_000, None), (None, 19_000), (19_001, 19_200)])


def naive_reason(row, window):
    customer, day, amount = row
    since, as_of = window
    if not customer:
        return "null_customer"
    if day is None:
        return "null_time"
    if not 0 <= day < 2_932_897:
        return "time_before_1970" if day < 0 else "time_out_of_range"
    if amount is None:
        return "null_amount"
    if not math.isfinite(amount):
        return "amount_not_finite"
    if abs(amount) > 9.2e12:
        return "amount_out_of_range"
    if as_of is not None and day > as_of:
        return "after_as_of"
    return "before_since" if since is not None and day < since else None


@settings(max_examples=40)
@given(st.lists(st.tuples(IDS, DAYS, AMOUNTS), min_size=1, max_size=30), WINDOWS)
def test_used_and_refused_are_all_that_was_read(tmp_path, rows, window):
    ids, days, amounts = (list(column) for column in zip(*rows, strict=True))
    lines = pl.DataFrame(
        {
            "customer_id": pl.Series(ids, dtype=pl.String),
            "order_ts": pl.Series(days, dtype=pl.Int32).cast(pl.Date),
            "amount": pl.Series(amounts, dtype=pl.Float64),
        }
    )
    path = write(tmp_path / "a.parquet", lines)
    since, as_of = (None if day is None else date(1970, 1, 1) + timedelta(days=day) for day in window)
    expected = [naive_reason(row, window) for row in rows]
    if None not in expected:
        refusal(path, engine.Window(since=since, as_of=as_of))
        return
    audit = audited(path, engine.Window(since=since, as_of=as_of))
    assert audit.refused == {why: expected.count(why) for why in audit.refused}
    assert (audit.n_read, audit.n_used) == (len(rows), expected.count(None))
    assert audit.n_filtered + audit.n_used + sum(audit.refused.values()) == audit.n_read
    kept = refused(path, engine.Window(since=since, as_of=as_of))
    assert dict(zip(kept["row"], kept["reason"], strict=True)) == {i: why for i, why in enumerate(expected) if why}


@pytest.mark.parametrize(
    ("lines", "window", "columns", "message"),
    [
        (log().clear(), {}, {}, "no rows at all; name the files that hold the orders"),
        (log(), {}, {"where": "amount > 99"}, "`where` matches none of 6 rows; check the condition"),
        (log(customer_id=pl.lit(None, dtype=pl.Int64)), {}, {}, 'every customer id in "customer_id" is null or empty;'),
        (
            log(customer_id=pl.lit("")),
            {},
            {},
            'every customer id in "customer_id" is null or empty; map another column',
        ),
        (log(amount=pl.lit(float("nan"))), {}, {}, "no usable row (6 amount_not_finite); check the mapping"),
        (
            log(),
            {"as_of": date(2023, 12, 31)},
            {},
            "no order in the window (as_of=2023-12-31); orders run from 2024-01",
        ),
        (
            log(),
            {"since": date(2025, 1, 1)},
            {},
            "window (since=2025-01-01); orders run from 2024-01-01 to 2024-01-20",
        ),
        (
            log(),
            {"since": date(2024, 1, 10), "as_of": date(2024, 1, 12)},
            {},
            "(as_of=2024-01-12 with since=2024-01-10)",
        ),
    ],
)
def test_a_log_of_which_nothing_is_left_is_refused(tmp_path, lines, window, columns, message):
    path = write(tmp_path / "a.parquet", lines)
    assert refusal(path, engine.Window(**window), **columns).startswith(f"{path}: ")
    assert message in refusal(path, engine.Window(**window), **columns)


def test_a_log_of_many_files_is_called_by_the_first(tmp_path):
    folder = write_all(tmp_path, *[log().clear()] * 3)
    assert refusal(folder).startswith(f"{folder}/p0.parquet and 2 more: no rows at all")


def flip_pages(path):
    """Damage the data of a file and leave its footer whole."""
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(bytes(content))


def test_a_file_damaged_inside_is_named_among_many(tmp_path):
    folder = write_all(tmp_path, log(), log(), log())
    flip_pages(folder / "p1.parquet")
    assert refusal(folder).startswith(f"{folder}/p1.parquet: cannot be read to its end (")


def test_a_file_that_vanishes_after_it_was_opened_is_named(tmp_path):
    folder = write_all(tmp_path, log(), log())
    orders = engine.scan_orders(folder)
    (folder / "p1.parquet").unlink()
    with pytest.raises(engine.InputError, match=r"p1\.parquet: cannot be read to its end \(No such file"):
        engine.audit_orders(orders, engine.Window())


@pytest.mark.parametrize(
    ("columns", "option"),
    [
        ({"customer": "CAST(id AS BIGINT)"}, '`customer` "CAST(id AS BIGINT)"'),
        ({"where": "CAST(id AS BIGINT) > 3"}, '`where` "CAST(id AS BIGINT) > 3"'),
        ({"time": "STRPTIME(id, '%Y')"}, "`time` \"STRPTIME(id, '%Y')\""),
    ],
)
def test_an_expression_that_fails_on_some_row_is_named_with_the_file(tmp_path, columns, option):
    folder = write_all(tmp_path, log(id=pl.lit("7")), log(id=["1", "2", "x", "4", "5", "6"]))
    if "time" in columns:
        write(folder / "p0.parquet", id=pl.lit("2024"))
        write(folder / "p1.parquet", id=["2024", "2024", "x", "2024", "2024", "2024"])
    assert refusal(folder, **columns).startswith(f"{folder}/p1.parquet: {option} does not work on every row (")


@pytest.mark.parametrize(("asked", "option"), [(["CAST(id AS BIGINT)"], "`by`"), ("first_by", "`first_by`")])
def test_a_dimension_that_fails_on_some_row_is_named_with_its_setting_and_the_file(tmp_path, asked, option):
    folder = write_all(tmp_path, log(id=pl.lit("7")), log(id=["1", "2", "x", "4", "5", "6"]))
    dimensions = {"CAST(id AS BIGINT)": asked} if isinstance(asked, str) else asked
    orders = engine.scan_orders(folder, None, dimensions)
    with pytest.raises(engine.InputError) as caught, failures_named(orders):
        orders.lines.collect()
    words = f'{folder}/p1.parquet: {option} "CAST(id AS BIGINT)" does not work on every row ('
    assert str(caught.value).startswith(words)


def test_where_may_leave_out_the_rows_that_an_expression_fails_on(tmp_path):
    path = write(tmp_path / "a.parquet", id=["1", "2", "x", "4", "5", "6"])
    assert audited(path, customer="CAST(id AS BIGINT)", where="id <> 'x'").n_used == 5
    assert audited(path, customer="TRY_CAST(id AS BIGINT)").refused == {"null_customer": 1}


def too_many(path, limit):
    orders = engine.scan_orders(path)
    refuse_too_many(orders, engine.audit_orders(orders, engine.Window(as_of=date(2024, 12, 31))), limit)


def with_bad(n_bad, n, column="amount"):
    return pl.DataFrame(
        {"customer_id": pl.Series([1] * n), "order_ts": [date(2024, 1, 1)] * n, "amount": [1.0] * n}
    ).with_columns(pl.when(pl.int_range(n) >= n_bad).then(pl.col(column)).alias(column))


def test_up_to_one_line_in_twenty_may_be_bad_and_no_more(tmp_path):
    too_many(write(tmp_path / "a.parquet", with_bad(5, 100)), None)
    path = write(tmp_path / "b.parquet", with_bad(6, 100))
    with pytest.raises(engine.InputError) as caught:
        too_many(path, None)
    assert str(caught.value) == (
        f"{path}: 6 of 100 rows (6.0%) cannot be used (6 null_amount), more than max_refused=0.05; "
        f"fix or exclude them (`where`), or raise `max_refused`"
    )
    too_many(path, 0.06)


def test_lines_without_customer_stop_a_run_only_where_a_limit_is_given(tmp_path):
    path = write(tmp_path / "a.parquet", with_bad(40, 100, "customer_id"))
    too_many(path, None)
    too_many(path, 0.4)
    with pytest.raises(engine.InputError, match=r"40 of 100 rows \(40\.0%\) cannot be used \(40 null_customer\)"):
        too_many(path, 0.39)


def test_no_bad_line_at_all_may_be_asked_for(tmp_path):
    too_many(write(tmp_path / "a.parquet", with_bad(0, 10)), 0.0)
    with pytest.raises(engine.InputError, match="1 of 10 rows"):
        too_many(write(tmp_path / "b.parquet", with_bad(1, 10)), 0.0)


def test_lines_outside_the_window_are_asked_for_and_not_bad(tmp_path):
    path = write(tmp_path / "a.parquet")
    orders = engine.scan_orders(path, engine.Columns(where="amount < 6"))
    audit = engine.audit_orders(orders, engine.Window(as_of=date(2024, 1, 2)))
    assert (audit.n_filtered, audit.refused) == (1, {"after_as_of": 3})
    refuse_too_many(orders, audit, 0.0)


def test_a_turnover_beyond_exact_sums_is_refused_for_one_customer_and_not_for_many(tmp_path):
    def check(path):
        orders = engine.scan_orders(path)
        turnover_is_safe(orders, engine.audit_orders(orders, engine.Window()))

    check(write(tmp_path / "many.parquet", customer_id=[1, 2, 3, 4, 5, 6], amount=pl.lit(9e12)))
    path = write(tmp_path / "one.parquet", customer_id=pl.lit(1), amount=[9e12, -9e12, 0.0, 0.0, 0.0, 0.0])
    with pytest.raises(engine.InputError, match=r"a customer's turnover of 1\.8e\+13 is too large"):
        check(path)


def test_negative_lines_beside_a_return_flag_are_counted_and_reported(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[1.0, -2.0, -3.0, 4.0, -5.0, None], flag=[0, 1, 0, 0, None, 0])
    audit = audited(path, return_flag="flag = 1")
    assert (audit.n_return_lines, audit.n_unflagged_return_lines) == (3, 2)
    words = "lines with a negative amount that `return_flag` does not mark: 2; they count as returns"
    assert words in audit.warnings
    assert audited(path).n_unflagged_return_lines == 0
    assert audited(path, engine.Window(as_of=date(2024, 1, 4)), return_flag="flag = 1").n_unflagged_return_lines == 1


def test_amounts_that_become_0_are_counted_and_reported(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[1.0, 4e-7, -4e-7, 0.0, 5.0, 6.0])
    audit = audited(path)
    assert (audit.n_used, audit.n_below_resolution, audit.n_return_lines) == (6, 2, 1)
    assert audit.warnings == (
        "lines with an amount other than 0 but less than half a millionth: 2; they count as 0, as money is kept to six "
        'decimals; if that matters, scale it, as amount="amount * 1000"',
    )


def test_an_odd_log_comes_with_remarks(tmp_path):
    path = write(
        tmp_path / "a.parquet",
        order_ts=[date(2024, 1, 1), *[date(2024, 1, 2)] * 4, date(2042, 1, 1)],
        customer_id=[1, None, 1, 1, 1, 1],
        order_id=["x", "x", None, "x", "x", "x"],
        returned=[False, False, False, True, False, False],
    )
    audit = audited(path, engine.Window(timezone="Asia/Tokyo"), return_flag="returned")
    assert audit.warnings == (
        "1 line on 2042-01-01: 6,574 days after all others, which end on 2024-01-02; if the dates are wrong, give "
        "as_of=2024-01-02",
        'timezone="Asia/Tokyo" changes nothing: the times carry no zone and are taken as they stand',
        "return lines with a positive amount: 1; it was taken off all the same",
        "lines without an order id: 1; those of one customer and day count as one order",
        "lines that name no customer: 1 (16.7%); they are not counted for any customer",
    )
    settled = audited(path, engine.Window(as_of=date(2024, 1, 2)))
    assert not any("all others" in words for words in settled.warnings)


def test_much_text_is_worth_converting_and_little_is_not(tmp_path, monkeypatch):
    log().write_csv(tmp_path / "a.csv")
    orders = engine.scan_orders(tmp_path / "a.csv")
    assert engine.audit_orders(orders, engine.Window()).warnings == ()
    monkeypatch.setattr(messages, "MUCH_TEXT", 50)
    (note,) = engine.audit_orders(orders, engine.Window()).warnings
    assert note == (
        "0 MB of the orders are text, which takes about ten times as long to read as Parquet; `whalecurve convert` "
        "writes them as such"
    )
