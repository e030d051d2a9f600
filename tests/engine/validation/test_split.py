"""BG/BB held against whole periods: what happened counted line by line, what was foretold by the model's formulas."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.support.commands import printed, printed_json
from whalecurve import engine
from whalecurve.kernels import bgbb

START, AS_OF = date(2022, 1, 1), date(2024, 12, 20)  # the last month, and the last quarter, are not over
MONTHS = [date(2022 + i // 12, i % 12 + 1, 1) for i in range(36)]
N_AHEAD, SPLIT = 4, 30  # months held out, August to November 2024; the last month of the past is July: number 30


def gifts(n=300, seed=3):
    """Supporters who give in a month, or do not, and leave; some twice a month, some gifts sent back whole."""
    rng, rows = np.random.default_rng(seed), []
    for supporter in range(n):
        gives, leaves = rng.beta(1.2, 2.0), rng.beta(1.0, 12.0)
        for month in range(rng.integers(0, 30), 36):
            if rng.random() < leaves:
                break
            if rng.random() < gives:
                days = MONTHS[month] + timedelta(days=int(rng.integers(0, 20)))
                amount = float(rng.integers(5, 60))
                rows += [(supporter, days, amount)] * int(rng.integers(1, 3))
                if rng.random() < 0.05:
                    rows.append((supporter, days, -2.0 * amount))
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")


def months_of(frame):
    """Of each customer, the net amounts of the months in which they bought: positive, or without a return."""
    lines = {}
    for customer, day, amount in frame.filter(pl.col("order_ts") <= AS_OF).rows():
        lines.setdefault(customer, {}).setdefault(12 * (day.year - 2022) + day.month - 1, []).append(amount)
    return {
        customer: {month: sum(amounts) for month, amounts in months.items() if min(amounts) > 0 or sum(amounts) > 0}
        for customer, months in lines.items()
    }


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("gifts") / "gifts.parquet"
    gifts().write_parquet(path)
    return path


WINDOW = engine.Window(as_of=AS_OF, period="month")


@pytest.fixture(scope="module")
def found(log):
    return engine.validate(log, holdout_days=122, window=WINDOW)


def test_the_holdout_is_whole_months_that_are_over(found):
    assert (found.split, found.as_of) == (date(2024, 7, 31), date(2024, 11, 30))
    assert (found.holdout_periods, found.holdout_days, found.unit) == (N_AHEAD, 122, "month")
    assert any("the month that is not over on 2024-12-20 is left out" in words for words in found.warnings)
    assert list(found.fits) == ["bgbb"]


def test_histories_and_what_happened_are_counted_by_hand(found):
    months = months_of(gifts())
    rows = {row["customer_id"]: row for row in found.customers.iter_rows(named=True)}
    past = {customer: sorted(m for m in bought if m <= SPLIT) for customer, bought in months.items()}
    assert set(rows) == {customer for customer, bought in past.items() if bought}
    for customer, row in rows.items():
        bought = past[customer]
        history = (len(bought) - 1, bought[-1] - bought[0], SPLIT - bought[0])
        assert (row["frequency"], row["recency"], row["T"]) == history, customer
        assert row["actual_purchases"] == sum(SPLIT < m <= SPLIT + N_AHEAD for m in months[customer])
    assert found.actual_purchases == sum(row["actual_purchases"] for row in rows.values())
    new = [c for c, bought in months.items() if not past[c] and any(SPLIT < m <= SPLIT + N_AHEAD for m in bought)]
    assert found.n_new_customers == len(new)


def test_predictions_are_those_of_the_formulas(found):
    params = found.fits["bgbb"].purchases.values
    x, t_x, n = (found.customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    expected = bgbb.conditional_expected_purchases(float(N_AHEAD), x, t_x, n, *params)
    assert found.customers["bgbb_purchases"].to_numpy() == pytest.approx(expected, rel=1e-9)
    risk_months = max(1, min(N_AHEAD, round(found.risk_days / (365.25 / 12))))
    any_purchase = 1.0 - bgbb.p_no_purchase(float(risk_months), x, t_x, n, *params)
    bought = found.assessments[0].probability.n_bought
    months = months_of(gifts())
    soon = range(SPLIT + 1, SPLIT + risk_months + 1)
    assert bought == sum(any(m in soon for m in months[c]) for c in found.customers["customer_id"])
    assert found.customers["bgbb_p_purchase"].to_numpy() == pytest.approx(any_purchase, rel=1e-9)
    own_rate = x / np.where(n > 0.0, n, 1.0) * N_AHEAD
    assert found.customers["own_rate_purchases"].to_numpy() == pytest.approx(own_rate, rel=1e-12)


def test_the_last_period_is_as_many_months_before_the_split(found):
    months = months_of(gifts())
    for row in found.customers.iter_rows(named=True):
        bought = sorted(m for m in months[row["customer_id"]] if m <= SPLIT)
        again = [m for m in bought[1:] if m > SPLIT - N_AHEAD]
        assert row["last_period_purchases"] == len(again), row["customer_id"]


def test_months_are_tracked_one_by_one(found):
    months, params = months_of(gifts()), found.fits["bgbb"].purchases.values
    table = found.tracking.filter(pl.col("name") == "bgbb").sort("last_day")
    known = {c: min(bought) for c, bought in months.items() if any(m <= SPLIT for m in bought)}
    first = min(known.values())
    assert table.height == SPLIT + N_AHEAD - first + 1
    for at, row in enumerate(table.iter_rows(named=True), start=first):
        assert row["last_day"] == MONTHS[at + 1] - timedelta(days=1)
        assert row["is_holdout"] == (at > SPLIT)
        assert row["actual"] == sum(at in months[c] and at > since for c, since in known.items())
        upto = sum(bgbb.expected_purchases(float(at - since), *params) for since in known.values() if since <= at)
        assert row["expected_cumulative"] == pytest.approx(upto, rel=1e-9)


def test_no_prediction_depends_on_anything_after_the_split(log, found, tmp_path):
    future = gifts(seed=9).filter(pl.col("order_ts") > date(2024, 7, 31)).with_columns(pl.col("amount") * 7)
    pl.concat([gifts().filter(pl.col("order_ts") <= date(2024, 7, 31)), future]).write_parquet(tmp_path / "o.parquet")
    other = engine.validate(tmp_path / "o.parquet", holdout_days=122, window=WINDOW)
    columns = [name for name in found.customers.columns if not name.startswith("actual")]
    assert other.customers.select(columns).equals(found.customers.select(columns))
    assert other.actual_value != found.actual_value


@pytest.mark.parametrize(
    ("period", "holdout_days", "n", "split"),
    [("quarter", 180, 2, date(2024, 3, 31)), ("week", 3, 1, date(2024, 12, 8)), ("month", 40, 1, date(2024, 10, 31))],
)
def test_the_days_asked_for_are_rounded_to_whole_periods(log, period, holdout_days, n, split):
    window = engine.Window(as_of=AS_OF, period=period)
    by_period = engine.validate(log, holdout_days=holdout_days, window=window, model="bgbb")
    assert (by_period.holdout_periods, by_period.split) == (n, split)


def test_a_holdout_that_leaves_no_period_is_refused(log):
    with pytest.raises(engine.InputError, match=r"is 3 of them and leaves no past: orders begin on .*, and 2 are over"):
        engine.validate(log, holdout_days=3 * 365, window=engine.Window(as_of=AS_OF, period="year"))


def test_models_of_continuous_time_do_not_count_periods(log):
    with pytest.raises(engine.InputError, match='period="month" goes with model="bgbb"'):
        engine.validate(log, holdout_days=90, window=WINDOW, model="bgnbd")


def test_the_report_speaks_of_months(log):
    given = ("validate", log, "--model", "bgbb", "--period", "month", "--holdout", "4m", "--as-of", AS_OF)
    said = printed(*given)
    assert "held against the 4 months up to 2024-11-30" in said
    assert "month to" in said
    assert "week" not in said
    assert printed_json(*given)["holdout_periods"] == N_AHEAD
