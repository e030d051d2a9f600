"""Calendar periods as opportunities, and summaries that count them."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import cdnow
from whalecurve import engine
from whalecurve.engine.orders.periods import forecast_start, last_complete, period_of

EPOCH = date(1970, 1, 1)
START = {
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month={1: 1, 2: 4, 3: 7, 4: 10}[1 + (day.month - 1) // 3], day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


def numbered(day, period):
    frame = pl.DataFrame({"day": [(day - EPOCH).days]}, schema={"day": pl.Int32})
    return frame.select(period_of(pl.col("day"), period)).item()


@given(st.dates(EPOCH, date(2100, 1, 1)), st.sampled_from(sorted(START)))
def test_days_share_a_number_exactly_if_they_share_a_period(day, period):
    first = START[period](day)
    if first >= EPOCH:
        assert numbered(day, period) == numbered(first, period)
    if first > EPOCH:
        assert numbered(first - timedelta(days=1), period) == numbered(first, period) - 1


@given(st.dates(date(1971, 1, 1), date(2100, 1, 1)), st.sampled_from(sorted(START)))
def test_a_period_is_over_with_its_last_day(day, period):
    is_last = START[period](day + timedelta(days=1)) > day
    assert last_complete(day, period) == numbered(day, period) - (0 if is_last else 1)


# customer, day, amount
LOG = [
    ("gives yearly", "2018-03-01", 10.0),
    ("gives yearly", "2018-09-01", 10.0),  # the same year: one opportunity taken
    ("gives yearly", "2019-05-01", 20.0),
    ("gives yearly", "2021-05-01", 30.0),
    ("once", "2019-05-01", 5.0),
    ("came this year", "2022-02-01", 7.0),
    ("came this year", "2022-05-01", 7.0),
    ("came again this year", "2020-01-01", 8.0),
    ("came again this year", "2022-05-01", 8.0),
    ("took it back", "2020-01-01", 9.0),
    ("took it back", "2020-06-01", -9.0),
]


@pytest.fixture
def log(tmp_path):
    frame = pl.DataFrame(LOG, schema=["customer_id", "order_ts", "amount"], orient="row")
    frame.with_columns(pl.col("order_ts").str.to_date()).write_parquet(tmp_path / "log.parquet")
    return tmp_path / "log.parquet"


@pytest.mark.parametrize(
    ("customer", "frequency", "recency", "age", "monetary_value"),
    [
        ("gives yearly", 2, 3.0, 3.0, 25.0),
        ("once", 0, 0.0, 2.0, 0.0),
        ("came this year", 0, 0.0, 0.0, 0.0),
        ("came again this year", 0, 0.0, 1.0, 0.0),
        ("took it back", None, None, None, None),
    ],
)
def test_a_summary_counts_the_years_that_are_over(log, customer, frequency, recency, age, monetary_value):
    window = engine.Window(as_of=date(2022, 6, 30), period="year")
    summary = engine.customer_summary(engine.scan_orders(log), window).collect()
    row = summary.filter(pl.col("customer_id") == customer).row(0, named=True)
    assert (row["frequency"], row["recency"], row["T"]) == (frequency, recency, age)
    assert row["monetary_value"] == monetary_value


@pytest.mark.parametrize(
    ("customer", "frequency", "recency", "age", "monetary_value"),
    [
        ("gives yearly", 3, 13.0, 16.0, 20.0),  # 2018-1, -3; 2019-2; 2021-2; the last quarter that is over is 2022-1
        ("came this year", 0, 0.0, 0.0, 0.0),  # 2022-1; the second is not over yet
        ("came again this year", 0, 0.0, 8.0, 0.0),
    ],
)
def test_a_summary_counts_the_quarters_that_are_over(log, customer, frequency, recency, age, monetary_value):
    window = engine.Window(as_of=date(2022, 6, 29), period="quarter")
    summary = engine.customer_summary(engine.scan_orders(log), window).collect()
    row = summary.filter(pl.col("customer_id") == customer).row(0, named=True)
    assert (row["frequency"], row["recency"], row["T"]) == (frequency, recency, age)
    assert row["monetary_value"] == monetary_value
    assert window.days_per_unit == 365.25 / 4


@pytest.mark.parametrize(
    ("as_of", "begins"),
    [("2022-06-30", "2022-07-01"), ("2022-06-29", "2022-04-01"), ("2022-07-31", "2022-07-01")],
)
def test_forecasts_begin_with_the_quarter_that_is_open(as_of, begins):
    window = engine.Window(as_of=date.fromisoformat(as_of), period="quarter")
    assert forecast_start(window) == date.fromisoformat(begins)


def test_a_run_by_quarters_says_so(log, tmp_path):
    window = engine.Window(as_of=date(2022, 6, 30), period="quarter")
    run = engine.score(log, out=tmp_path / "scores", window=window, scoring=engine.Scoring(model="bgbb"))
    settings = run.model["definitions"]
    assert (settings["period"], settings["unit"], settings["forecast_ends_in_units"]) == ("quarter", "quarter", 4.0)
    again = engine.score(log, out=tmp_path / "again", thresholds=run.out)
    assert again.model["definitions"]["period"] == "quarter"


def test_a_period_that_is_none_is_refused():
    with pytest.raises(
        engine.InputError, match='`period` "decade" is not a period; choose one of week, month, quarter, year'
    ):
        engine.Window(period="decade")


def test_what_does_not_count_periods_stays_in_days(log):
    window = engine.Window(as_of=date(2022, 6, 30), period="year")
    by_year = engine.customer_summary(engine.scan_orders(log), window).collect().sort("customer_id")
    by_day = engine.customer_summary(engine.scan_orders(log), engine.Window(as_of=date(2022, 6, 30))).collect()
    counted = ["frequency", "recency", "T", "monetary_value"]
    assert by_year.drop(counted).equals(by_day.sort("customer_id").drop(counted))


def test_a_donor_file_is_scored_by_year(tmp_path):
    """The donations histories written out as gifts: the published parameters come back from the order log."""
    cells = pl.read_csv(cdnow.dataset("donations.csv"))
    gifts, donor = [], 0
    for x, t_x, n, weight in cells.select("frequency", "recency", "periods", "weights").iter_rows():
        years = [0, *range(1, x), *([t_x] if x else [])]
        for _ in range(weight):
            donor += 1
            gifts += [(donor, date(1995 + year, 1 + donor % 12, 5), 25.0) for year in years]
        assert n == 6
    frame = pl.DataFrame(gifts, schema=["customer_id", "order_ts", "amount"], orient="row")
    frame.write_parquet(tmp_path / "gifts.parquet")
    window = engine.Window(as_of=date(2001, 12, 31), period="year")
    scoring = engine.Scoring(model="bgbb", horizon_days=5 * 365)
    run = engine.score(tmp_path / "gifts.parquet", out=tmp_path / "scores", window=window, scoring=scoring)
    params = run.model["transactions"]["params"]
    assert list(params.values()) == pytest.approx([1.203528, 0.749726, 0.6567808, 2.783796], rel=2e-4)
    customers = pl.read_parquet(tmp_path / "scores" / "customers")
    assert customers["frequency"].max() == 6
    assert customers["expected_purchases"].max() < 5.0
    assert run.model["definitions"]["period"] == "year"


def test_a_model_and_its_way_of_counting_time_go_together(log, tmp_path):
    with pytest.raises(engine.InputError, match="`period` week, month, quarter or year"):
        engine.score(log, out=tmp_path / "scores", scoring=engine.Scoring(model="bgbb"))
    with pytest.raises(engine.InputError, match='goes with model="bgbb"'):
        engine.score(log, out=tmp_path / "scores", window=engine.Window(period="year"))
