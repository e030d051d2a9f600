"""Laws that the numbers of a whole run keep, on small logs of any kind."""

import math
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.support.logs import write_all
from whalecurve import engine

AS_OF = date(2025, 6, 30)
SCHEMES = {"rfm": "rfm_segment", "matrix": "matrix_segment"} | {
    name: name for name in ("clv_tier", "lifecycle_stage", "loyalty_tier")
}
MONEY = (
    *("revenue", "margin", "value", "monetary_value", "average_order_value", "expected_value", "clv", "clv_total"),
    "value_at_stake",
    *("cumulative_value", "sold", "returned", "average_purchase_value", "simple_clv"),
    *("cumulative_revenue", "cumulative_margin", "cumulative_value_per_customer"),
)
"""Columns of amounts, in any table."""

FEW = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a run is too slow to shrink by
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

CUSTOMERS = np.array(list("abcdefghijkl"))


@st.composite
def logs(draw):
    """Order lines of up to a dozen customers over two and a half years, a tenth of them returned.

    Amounts are quarters of the currency unit, margins sixteenths: halves and doubles of both are whole millionths and
    exact floats.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(40, 90))
    amounts = rng.integers(0, 400, n) * rng.choice([1, 1, 1, 1, 1, 1, 1, 1, 1, -1], n) / 4
    columns = {
        "customer_id": rng.choice(CUSTOMERS, n),
        "order_ts": [AS_OF - timedelta(days=int(ago)) for ago in rng.integers(0, 900, n)],
        "amount": amounts,
        "margin": (amounts * rng.integers(-4, 16, n)).round() / 16,
        "order_id": rng.integers(0, n // 2, n),
    }
    return pl.DataFrame(columns)


class Scored:
    """What a run over some logs writes: manifest, model, and tables by name."""

    def __init__(self, folder, *files):
        orders, out = write_all(folder / "orders", *files), folder / "scores"
        run = engine.score(orders, out=out, window=engine.Window(as_of=AS_OF), layout="flat")
        self.out, self.manifest, self.model, self.measures = run.out, run.manifest, run.model, run.measures
        self.customers = pl.read_parquet(out / "customers")
        self.segments = pl.read_parquet(out / "segments.parquet")
        self.curves = pl.read_parquet(out / "concentration.parquet")
        self.over_time = {path.stem: pl.read_parquet(path) for path in (out / "measures").iterdir()}

    @property
    def tables(self):
        return {
            "customers": self.customers,
            "segments": self.segments,
            "curves": self.curves,
            **self.over_time,
        }


@FEW
@given(logs(), st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_order_of_lines_and_files_changes_nothing(tmp_path_factory, log, random, n_files):
    shuffled = log[random.sample(range(log.height), log.height)]
    one = Scored(tmp_path_factory.mktemp("one"), log)
    other = Scored(tmp_path_factory.mktemp("other"), *(shuffled[at::n_files] for at in range(n_files)))
    for name, table in one.tables.items():
        assert_frame_equal(table, other.tables[name], check_exact=True)
    assert one.model == other.model
    assert one.measures == other.measures
    assert one.manifest["concentration"] == other.manifest["concentration"]


def times(table, columns, factor):
    return table.with_columns(pl.col(column) * factor for column in columns if table.schema.get(column) == pl.Float64)


@FEW
@given(logs(), st.sampled_from([2.0, 0.5, 1024.0]))
def test_money_in_another_currency_scales_amounts_and_leaves_the_rest(tmp_path_factory, log, factor):
    one = Scored(tmp_path_factory.mktemp("one"), log)
    other = Scored(tmp_path_factory.mktemp("other"), times(log, ("amount", "margin"), factor))
    assert_frame_equal(times(one.customers, MONEY, factor), other.customers, check_exact=True)
    assert_frame_equal(times(one.curves, MONEY, factor), other.curves, check_exact=True)
    given, found = times(one.segments, MONEY, factor), other.segments
    forecast = ("clv", "clv_share", "value_at_stake")
    assert_frame_equal(given.drop(forecast), found.drop(forecast), check_exact=True)
    # a clv, as what is at stake, is rounded to a millionth before it is added, of which the factor makes more
    millionths = len(CUSTOMERS) * 1e-6 * max(factor, 1.0)
    assert_frame_equal(given, found, rel_tol=1e-12, abs_tol=millionths)
    for name, table in one.over_time.items():
        given, found = (frame.drop("model_clv", strict=False) for frame in (table, other.over_time[name]))
        assert_frame_equal(times(given, MONEY, factor), found, rel_tol=1e-14, abs_tol=0.0)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A few whole runs, over logs drawn once."""
    found = []

    @settings(FEW, max_examples=4, database=None, derandomize=True)
    @given(logs())
    def draw(log):
        found.append((log, Scored(tmp_path_factory.mktemp("drawn"), log)))

    draw()
    assert any(run.customers["clv"].count() for _, run in found)  # models were fitted
    return found


def test_shares_of_all_customers_sum_to_one(runs):
    for log, run in runs:
        if log["margin"].sum() <= 0:
            assert run.customers["value_share"].null_count() == run.customers.height
            continue
        assert math.fsum(run.customers["value_share"]) == pytest.approx(1.0, rel=1e-12)
        for (scheme,), rows in run.segments.group_by("scheme"):
            for share in ("customer_share", "value_share"):
                assert math.fsum(rows[share]) == pytest.approx(1.0, rel=1e-12), (scheme, share)
            assert math.fsum(rows["clv_share"].drop_nulls()) in (0.0, pytest.approx(1.0, rel=1e-12))
        ends = run.curves.group_by("population", "curve").agg(pl.col("cumulative_share").last())
        assert set(ends["cumulative_share"].drop_nulls()) <= {1.0}


def test_segments_of_each_scheme_are_their_customers_and_add_up_to_all(runs):
    for _, run in runs:
        assert list(dict.fromkeys(run.segments["scheme"])) == list(SCHEMES)
        for scheme, column in SCHEMES.items():
            rows = run.segments.filter(scheme=scheme)
            assert rows["customers"].sum() == run.customers.height
            sizes = dict(run.customers[column].value_counts().iter_rows())
            found = dict(rows.filter(pl.col("customers") > 0).select("segment", "customers").iter_rows())
            assert found == sizes
            for amount in ("revenue", "margin", "value", "clv", "value_at_stake"):
                own = run.customers.group_by(segment=pl.col(column)).agg(pl.col(amount).sum())
                by_segment = dict(rows.select("segment", pl.col(amount).fill_null(0.0)).iter_rows())
                for segment, total in own.iter_rows():
                    assert by_segment[segment] == pytest.approx(total, abs=2e-5), (scheme, segment, amount)


def test_clv_is_what_is_at_stake_times_the_chance_to_be_active(runs):
    for _, run in runs:
        known = run.customers.drop_nulls("clv")
        product = (known["p_alive"] * known["value_at_stake"]).to_list()
        assert known["clv"].to_list() == pytest.approx(product, rel=1e-12)


def test_money_of_the_customers_is_that_of_the_lines(runs):
    for log, run in runs:
        whole = run.over_time["groups"].filter(scheme="all").row(0, named=True)
        sales = log.filter(pl.col("amount") >= 0)["amount"].sum()
        assert (whole["sold"], whole["returned"]) == (sales, sales - log["amount"].sum())
        assert run.customers["revenue"].sum() == log["amount"].sum()
        assert run.customers["margin"].sum() == run.customers["value"].sum() == log["margin"].sum()
        assert run.customers["n_lines"].sum() == log.height == run.manifest["rows"]["used"]


def test_periods_add_up_to_the_customers(runs):
    for _, run in runs:
        known = run.customers.drop_nulls("first_purchase")
        for period in ("month", "quarter", "year"):
            rows = run.over_time["periods"].filter(scheme="all", period=period)
            assert rows["new"].sum() == known.height
            assert rows["purchases"].sum() == known["n_purchase_days"].sum()
            assert rows["revenue"].sum() == run.customers["revenue"].sum()
            seen = rows.drop_nulls("reactivated")
            assert (seen["retained"] + seen["reactivated"] + seen["new"]).equals(seen["active"], check_names=False)
            assert (rows["retained"] <= rows["previous"]).all()


def test_cohorts_add_up_to_the_periods(runs):
    for _, run in runs:
        cohorts = run.over_time["cohorts"].filter(scheme="all").drop_nulls("active")
        of_month = cohorts.with_columns(start=pl.col("cohort").dt.offset_by(pl.format("{}mo", "age")))
        active = of_month.group_by("start").agg(pl.col("active").sum()).sort("start")
        months = run.over_time["periods"].filter(scheme="all", period="month").sort("start")
        joined = months.join(active, on="start", how="left", suffix="_of_cohorts")
        assert joined["active_of_cohorts"].fill_null(0).equals(joined["active"], check_names=False)
        first = cohorts.filter(pl.col("age") == 0)
        assert first["active"].equals(first["customers"], check_names=False)
        last = cohorts.group_by("cohort").agg(pl.col("cumulative_margin").sort_by("age").last(), pl.col("margin").sum())
        assert last["cumulative_margin"].equals(last["margin"], check_names=False)


def test_groups_of_each_scheme_add_up_to_all(runs):
    counts = (
        "customers",
        "buyers",
        "repeat_customers",
        "year_buyers",
        "aged",
        "one_and_done",
        "new_observed",
        "new_back",
    )
    sums = (*counts, "gaps", "sold", "returned", "sale_lines", "return_lines")
    for _, run in runs:
        groups = run.over_time["groups"]
        whole = groups.filter(scheme="all").select(sums)
        for scheme in SCHEMES:
            assert_frame_equal(groups.filter(scheme=scheme).select(sums).sum(), whole)
        days = run.over_time["gaps"].group_by("scheme").agg(pl.col("gaps", "censored").sum())
        buyers = run.customers.filter(pl.col("n_purchase_days") > 0)
        gaps = buyers["n_purchase_days"].sum() - buyers.height
        assert set(days.select("gaps", "censored").iter_rows()) == {(gaps, buyers.height)}


def test_from_one_run_to_another_every_row_of_a_migration_sums_to_one(runs, tmp_path):
    log, new = runs[0]
    before = engine.Window(as_of=date(2025, 3, 1))
    earlier = log.filter(pl.col("order_ts") <= before.as_of)
    old = engine.score(write_all(tmp_path / "orders", earlier), out=tmp_path / "old", window=before, layout="flat")
    moved = engine.compare(old.out, new.out)
    assert [one.scheme for one in moved.migrations] == list(SCHEMES)
    for one in moved.migrations:
        rows = one.moves.group_by("from").agg(pl.col("customers", "share_of_from").sum())
        for _, customers, share in rows.iter_rows():
            assert share == pytest.approx(1.0 if customers else 0.0, rel=1e-12)
        assert one.moves["customers"].sum() == new.customers.height  # nobody is lost from a log that only grows
