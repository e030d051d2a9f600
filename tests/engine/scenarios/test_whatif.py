"""What if, over results of every purchase model: totals, levers, intervals, and what is refused."""

import json
import math
import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, Levers, Simulation, open_result, score, simulate, whatif
from whalecurve.engine.forecasts import STEP
from whalecurve.engine.scenarios.basis import basis_of
from whalecurve.engine.scenarios.changed_rates import NONE, Change
from whalecurve.engine.scenarios.evaluation import Future, evaluated, last_month
from whalecurve.engine.scenarios.odds_for_target import factor_for
from whalecurve.engine.scenarios.pairs import pairs_of
from whalecurve.kernels import bgnbd, gamma_gamma

MODELS = {"bgnbd": {}, "mbgnbd": {}, "pnbd": {}, "bgbb": {"period": "month"}}
OTHERS = {"weeks": ({"unit": "week"}, {}), "season": ({}, {"season": "estimate"})}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return simulate(Simulation(customers=900, seed=4), tmp_path_factory.mktemp("shop") / "log").orders


@pytest.fixture(scope="module")
def results(log, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    for model, window in MODELS.items():
        score(log, out=folder / model, window=window, scoring={"model": model}, measures=False)
    for name, (window, scoring) in OTHERS.items():
        score(log, out=folder / name, window=window, scoring=scoring, measures=False)
    return folder


@pytest.fixture(scope="module")
def shop(results):
    return results / "bgnbd"


def of_all(found, scheme="all"):
    return found.table.filter(scheme=scheme).row(0, named=True)


@pytest.mark.parametrize("model", [*MODELS, *OTHERS])
def test_without_a_change_sums_are_exactly_those_of_the_result(results, model):
    found, result = whatif(results / model), open_result(results / model)
    steps = [round(clv * 10**6) for clv in result.customers.select("clv").drop_nulls().collect()["clv"]]
    assert of_all(found)["clv_now"] == sum(steps) / 10**6  # as it is counted: in millionths, each customer's rounded
    assert round(of_all(found)["clv_now"], 6) == round(result.manifest["customers"]["clv"], 6)
    assert of_all(found)["expected_purchases_now"] == result.manifest["customers"]["expected_purchases"]
    own = result.segments.select("scheme", "segment", "customers", clv_now=pl.col("clv"))
    told = found.table.filter(pl.col("scheme") != "all").select(own.columns)
    assert_frame_equal(told, own, check_exact=True)
    assert found.table["difference"].drop_nulls().unique().to_list() == [0.0]
    assert found.table["clv_then"].equals(found.table["clv_now"].rename("clv_then"), null_equal=True)
    assert (found.table.filter(difference_low=0.0, difference_high=0.0)["scheme"] == "all").any()


@pytest.mark.parametrize("model", [*MODELS, *OTHERS])
def test_every_model_can_be_moved_by_every_lever(results, model):
    for lever in ({"retention": 0.1}, {"purchase_rate": 0.1}, {"basket": 0.1}, {"horizon_days": 730}):
        row = of_all(whatif(results / model, levers=lever))
        assert row["difference_low"] > 0.0, lever
        assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert of_all(whatif(results / model, levers={"annual_discount": 0.2}))["difference_high"] < 0.0


def clv_by_hand(result, purchases, spend, odds):
    """CLV of all customers in NumPy: newcomers with updated parameters, month by month."""
    rows = result.customers.collect()
    x, t_x, T, m = (rows[c].cast(pl.Float64).to_numpy() for c in ("frequency", "recency", "T", "monetary_value"))
    r, alpha, a, b = purchases
    alive = bgnbd.p_alive(x, t_x, T, *purchases)
    value = gamma_gamma.expected_value(x, m, *spend)
    stay = odds * (b + x) / a
    g, d = (a + b + x) / (1 + stay), (a + b + x) * stay / (1 + stay)
    total, before = 0.0, 0.0
    for end in [365.25 / 12 * month for month in range(1, 12)] + [365.0]:
        upto = bgnbd.expected_purchases(end, r + x, alpha + T, g, d)
        total, before = total + (alive * value * (upto - before)).sum() * 1.1 ** (-end / 365.25), upto
    return total


def test_clv_and_its_intervals_are_those_of_the_delta_method_worked_out_by_hand(shop):
    result, z = open_result(shop), 1.959963984540054
    purchases, spend = result.model["transactions"], result.model["spend"]
    values = [*purchases["params"].values(), *spend["params"].values()]
    covariance = np.zeros((7, 7))
    covariance[:4, :4], covariance[4:, 4:] = purchases["covariance"], spend["covariance"]

    def difference(params):
        return clv_by_hand(result, params[:4], params[4:], 1.05) - clv_by_hand(result, params[:4], params[4:], 1.0)

    slope = []
    for j, value in enumerate(values):
        step = 1e-4 * value
        up, down = ([v + sign * step * (i == j) for i, v in enumerate(values)] for sign in (1, -1))
        slope.append((difference(up) - difference(down)) / (2 * step))
    error = math.sqrt(np.array(slope) @ covariance @ np.array(slope))
    row = of_all(whatif(shop, levers={"retention": 0.05}))
    assert row["difference"] == pytest.approx(difference(values), abs=900 * 1e-6)
    assert row["difference_high"] - row["difference"] == pytest.approx(z * error, rel=1e-3)
    assert row["difference"] - row["difference_low"] == pytest.approx(z * error, rel=1e-3)


def test_a_mean_that_has_no_bound_nearby_leaves_no_interval(shop, tmp_path):
    copied = shutil.copytree(shop, tmp_path / "scores")
    record = json.loads((copied / "model.json").read_text())
    record["spend"]["params"]["q"] = 1.0001  # one-time buyers have a mean, and none at 1
    (copied / "model.json").write_text(json.dumps(record))
    found = whatif(copied, levers={"basket": 0.1})
    assert of_all(found)["difference_low"] is None
    assert of_all(found)["difference"] > 0.0
    assert any("or errors without bound" in words for words in found.warnings)


def test_models_that_follow_a_season_are_moved_in_its_time(results):
    clock = basis_of(open_result(results / "season")).clock
    assert clock is not None
    assert clock.until(365.0) != 365.0
    assert basis_of(open_result(results / "bgnbd")).clock is None


def test_a_level_of_intervals_is_as_wide_as_its_quantile(shop):
    wide, narrow = (of_all(whatif(shop, levers={"basket": 0.1, "level": level})) for level in (0.95, 0.5))
    ratio = (wide["difference_high"] - wide["difference"]) / (narrow["difference_high"] - narrow["difference"])
    assert ratio == pytest.approx(1.959963984540054 / 0.6744897501960817)


def test_a_basket_a_tenth_larger_is_worth_a_tenth_in_every_segment(shop):
    table = whatif(shop, levers={"basket": 0.1}).table
    assert table["difference"].to_list() == pytest.approx((0.1 * table["clv_now"]).to_list(), abs=1e-3)


def test_points_of_margin_act_through_the_margin_rate_of_all(shop):
    segments = open_result(shop).segments.filter(scheme="rfm")
    rate = segments["margin"].sum() / segments["revenue"].sum()
    row = of_all(whatif(shop, levers={"margin_rate": 0.01}))
    assert row["difference"] == pytest.approx(row["clv_now"] * 0.01 / rate, abs=900 * 1e-6)


def test_only_the_customers_of_the_segments_that_are_named_change(shop):
    found = whatif(shop, levers={"retention": 0.2, "segments": ["champions"]})
    by_segment = dict(found.table.filter(scheme="rfm").select("segment", "difference").iter_rows())
    everybody = dict(
        whatif(shop, levers={"retention": 0.2}).table.filter(scheme="rfm").select("segment", "difference").iter_rows()
    )
    assert by_segment.pop("Champions") == everybody["Champions"] == of_all(found)["difference"]
    assert set(by_segment.values()) == {0.0}
    assert found.levers.segments == ("Champions",)


def test_layout_and_order_of_customers_change_nothing(log, shop, tmp_path):
    score(log, out=tmp_path / "flat", layout="flat", measures=False)
    levers = {"retention": 0.05, "acquire": 10, "tornado": True}
    hive, flat = (whatif(folder, levers=levers) for folder in (shop, tmp_path / "flat"))
    assert_frame_equal(hive.table, flat.table, check_exact=True)
    assert_frame_equal(hive.tornado, flat.tornado, check_exact=True)


def test_new_customers_are_worth_what_those_of_the_last_whole_month_are(shop):
    result = open_result(shop)
    first, last = last_month(result.as_of)
    cohort = result.customers.filter(pl.col("first_purchase").is_between(first, last)).collect()
    assert cohort.height > 5
    found = whatif(shop, levers={"acquire": 100})
    new, together = of_all(found, "acquired"), of_all(found, "total")
    assert new["customers"] == 100
    assert new["clv_now"] == 0.0
    assert new["difference"] == pytest.approx(100 * (cohort["value"].sum() + cohort["clv"].sum()) / cohort.height)
    assert together["difference"] == pytest.approx(new["difference"])
    assert together["customers"] == 100 + of_all(found)["customers"]
    assert new["difference_low"] < new["difference"] < new["difference_high"]


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2025, 3, 31), (date(2025, 3, 1), date(2025, 3, 31))),
        (date(2025, 3, 30), (date(2025, 2, 1), date(2025, 2, 28))),
        (date(2025, 1, 1), (date(2024, 12, 1), date(2024, 12, 31))),
    ],
)
def test_the_last_whole_month_is_over(day, month):
    assert last_month(day) == month


@pytest.mark.parametrize("model", [*MODELS, *OTHERS])
def test_points_of_yearly_retention_are_reached(results, model):
    found = whatif(results / model, levers={"yearly_retention": 0.01})
    kept = found.assumptions[0]
    assert kept.name == "yearly_retention"
    assert kept.then == pytest.approx(kept.now + 0.01, abs=1e-9)
    odds = found.assumptions[1].factor
    assert odds > 1.0
    same = whatif(results / model, levers={"retention": odds - 1.0})
    assert of_all(same)["difference"] == pytest.approx(of_all(found)["difference"], rel=1e-9)


@pytest.mark.parametrize("model", [*MODELS, *OTHERS])
def test_what_is_needed_to_be_worth_so_much_a_customer_brings_that_much(results, model):
    asked = whatif(results / model, levers={"worth": 0.5})
    n = of_all(asked)["customers"]
    for one in asked.break_evens:
        brought = of_all(whatif(results / model, levers={one.lever: one.change}))["difference"]
        assert brought == pytest.approx(0.5 * n, rel=1e-6), one


def test_more_than_nobody_leaving_brings_cannot_be_had_by_retention(shop):
    most = whatif(shop, levers={"worth": 0.5}).break_evens[0].most
    retention = whatif(shop, levers={"worth": 1.001 * most}).break_evens[0]
    assert retention.change is None
    assert retention.most == most
    assert whatif(shop, levers={"worth": 0.9 * most}).break_evens[0].change > 1.0


def test_a_tornado_moves_one_assumption_at_a_time_and_ranks_them_by_swing(shop):
    tornado = whatif(shop, levers={"tornado": True}).tornado
    for lever in ("retention", "purchase_rate", "basket"):
        for shift in (-0.2, -0.1, 0.1, 0.2):
            (told,) = tornado.filter(assumption=lever, shift=shift)["difference"]
            assert told == pytest.approx(of_all(whatif(shop, levers={lever: shift}))["difference"], rel=1e-6)
    (longer,) = tornado.filter(assumption="horizon_days", shift=0.2)["clv"]
    assert longer == pytest.approx(of_all(whatif(shop, levers={"horizon_days": 438}))["clv_then"], rel=1e-9)
    assert tornado["swing"].is_sorted(descending=True)
    bounds = tornado.filter(pl.col("assumption").str.ends_with("parameters"), pl.col("shift") > 0)["difference"]
    row = of_all(whatif(shop))
    width = math.log(row["clv_now_high"] / row["clv_now"]) * row["clv_now"]
    assert math.hypot(*bounds) == pytest.approx(width)


def test_what_is_written_is_what_is_returned(shop, tmp_path):
    found = whatif(shop, levers=Levers(retention=0.05, tornado=True, worth=1.0), out=tmp_path / "out")
    assert_frame_equal(pl.read_parquet(tmp_path / "out" / "whatif.parquet"), found.table)
    assert_frame_equal(pl.read_parquet(tmp_path / "out" / "tornado.parquet"), found.tornado)
    assert json.loads((tmp_path / "out" / "whatif.json").read_text()) == json.loads(json.dumps(found.to_dict()))
    record = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (record["command"], record["definitions"]["retention"]) == ("whatif", 0.05)
    with pytest.raises(InputError, match="overwrite"):
        whatif(shop, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("levers", "message"),
    [
        ({"retention": -1.0}, "`retention`|retention=-1.0 leaves nothing"),
        ({"retention": 0.1, "yearly_retention": 0.1}, "both say how many stay"),
        ({"yearly_retention": 0.9}, "no odds of staying make that"),
        ({"margin_rate": 2.0}, "margin_rate=2.0 is out of range"),
        ({"margin_rate": -0.9}, "and no multiple of it is"),
        ({"annual_discount": -1.0}, "annual_discount=-1.0 is not a valid yearly rate"),
        ({"horizon_days": 0}, "horizon_days=0 is out of range"),
        ({"horizon_days": 10, "segments": ["Champions"]}, "is the same for all customers"),
        ({"segments": ["nobody"]}, 'segment` "nobody": no such segment of rfm'),
        ({"acquire": -1}, "acquire=-1 is not a number of customers"),
        ({"worth": 0.0}, "worth=0.0 is no gain"),
        ({"level": 1.0}, "level=1.0 is out of range"),
        ({"churn": 1.0}, 'Levers has no setting "churn"'),
    ],
)
def test_levers_that_will_not_do_are_refused(shop, levers, message):
    with pytest.raises(InputError, match=message):
        whatif(shop, levers=levers)


def test_points_of_margin_need_a_result_that_knows_margin(log, tmp_path):
    score(log, out=tmp_path / "scores", scoring={"value": "revenue"}, measures=False)
    with pytest.raises(InputError, match=r"value is revenue in .*, which knows no margin; score with"):
        whatif(tmp_path / "scores", levers={"margin_rate": 0.01})


def test_results_without_clv_or_with_covariates_are_refused(log, shop, tmp_path):
    few = pl.DataFrame({"customer_id": [1, 2], "order_ts": [date(2024, 1, 1), date(2024, 2, 1)], "amount": [1.0, 2.0]})
    score(few, out=tmp_path / "few", measures=False)
    with pytest.raises(InputError, match="customers have no CLV"):
        whatif(tmp_path / "few")
    ids = open_result(shop).customers.select("customer_id").collect()
    traits = ids.with_columns(age=pl.Series(np.random.default_rng(0).normal(size=ids.height)))
    traits.write_parquet(tmp_path / "traits.parquet")
    score(log, out=tmp_path / "traits", scoring={"covariates": str(tmp_path / "traits.parquet")}, measures=False)
    with pytest.raises(InputError, match="its models rest on covariates"):
        whatif(tmp_path / "traits")


@pytest.mark.parametrize("model", ["bgnbd", "pnbd", "season"])
def test_an_interval_of_a_break_even_is_that_of_solving_it_anew_at_parameters_beside(results, model):
    """The same by brute force: the target is solved for at every nudged set of parameters."""
    result = open_result(results / model)
    basis = basis_of(result)
    pairs = pairs_of(result, pl.lit(value=True), basis.clock)
    future = Future(change=NONE, value=1.0)
    nudged = evaluated(basis, pairs, future, pl.lit(value=True), keeps_worth=True).nudged
    steps = basis.steps()
    variances = dict.fromkeys(("retention", "purchase_rate", "basket"), 0.0)

    def solved(one):
        beside = replace(pairs, worth=one.worth)
        value = beside.value(one.purchases, NONE, steps)
        wanted = value + 0.5 * pairs.n
        return {
            "retention": factor_for(lambda f: beside.value(one.purchases, Change(odds=f), steps), wanted),
            "purchase_rate": factor_for(lambda f: beside.value(one.purchases, Change(rate=f), steps), wanted),
            "basket": wanted / value,
        }

    for ahead, behind in zip(map(solved, nudged[::2]), map(solved, nudged[1::2]), strict=True):
        for lever in variances:
            variances[lever] += ((ahead[lever] - behind[lever]) / (2 * STEP)) ** 2
    for one in whatif(results / model, levers={"worth": 0.5}).break_evens:
        spread = math.exp(1.959964 * math.sqrt(variances[one.lever]) / one.change)
        assert (one.low, one.high) == pytest.approx((one.change / spread, one.change * spread), rel=0.02), one
        assert one.low < one.change < one.high


def test_without_errors_of_the_parameters_a_break_even_has_no_interval(shop, tmp_path):
    path = tmp_path / "without"
    shutil.copytree(shop, path)
    model = json.loads((path / "model.json").read_text())
    model["transactions"]["covariance"] = None
    (path / "model.json").write_text(json.dumps(model))
    for one in whatif(path, levers={"worth": 0.5}).break_evens:
        assert (one.low, one.high) == (None, None)
        assert one.change > 0.0
