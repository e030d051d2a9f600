"""Experiments read from orders: effects that were planted, checks, looks, and what is refused."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
import tea_tasting as tt
from polars.testing import assert_frame_equal
from scipy import stats

from tests.support.experiments import START, assigned, orders_of, shop, write
from whalecurve.engine import InputError
from whalecurve.engine.readouts.read import read_experiment

N = 1_000
END = START + timedelta(days=27)


def halves(n=N, seed=3):
    return np.random.default_rng(seed).random(n) < 0.5


def known(orders, n=N, until=START - timedelta(days=1)):
    """What each customer had spent by the day before."""
    sums = orders.filter(pl.col("order_ts") <= until).group_by("customer_id").agg(pl.col("amount").sum())
    ids = pl.DataFrame({"customer_id": pl.int_range(1, n + 1, eager=True)})
    return ids.join(sums, on="customer_id", how="left", maintain_order="left")["amount"].fill_null(0.0).to_list()


def people(orders, is_offer, **columns):
    arms = ["offer" if offer else "control" for offer in is_offer]
    return assigned(arms, **({"value": known(orders, len(arms))} | columns))


def decisive(found):
    return found.effects.row(by_predicate=pl.col("is_decisive"), named=True)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    is_offer = halves()
    orders = shop(N, treated=is_offer, effect=1.0)
    directory = write(tmp_path_factory.mktemp("planted") / "spring", people(orders, is_offer), effect=0.1)
    return orders, directory, is_offer


def test_the_effect_is_that_of_the_regression_on_the_same_sums(planted):
    orders, directory, is_offer = planted
    found = read_experiment(orders, directory)
    day = (pl.col("order_ts") - START).dt.total_days()
    ids = pl.DataFrame({"customer_id": pl.int_range(1, N + 1, eager=True)})
    sums = orders.group_by("customer_id").agg(
        y=pl.col("amount").filter(day.is_between(0, 27)).sum(), x=pl.col("amount").filter(day.is_between(-28, -1)).sum()
    )
    table = ids.join(sums, on="customer_id", how="left", maintain_order="left")
    y, x = table["y"].to_numpy(), table["x"].to_numpy()
    cap = np.quantile(x, 0.99, method="higher")
    y, x, arm = np.minimum(y, cap), np.minimum(x, cap), is_offer.astype(float)
    centred = x - x.mean()
    fitted = sm.OLS(y, np.column_stack([np.ones(N), arm, centred, centred * arm])).fit(cov_type="HC2")
    row = decisive(found)
    assert row["effect"] == pytest.approx(fitted.params[1], rel=1e-9)
    assert row["standard_error"] == pytest.approx(fitted.bse[1], rel=1e-9)
    assert found.adjustment["capped_at"] == pytest.approx(cap)
    assert found.adjustment["customers_capped"] == (table["y"] > cap).sum()
    assert found.adjustment["adjusted_by"] == ["value"]
    assert 0.2 < found.adjustment["variance_left"]["value"] < 1.0


def test_an_effect_that_was_planted_is_found(planted):
    orders, directory, _ = planted
    found = read_experiment(orders, directory, cost_per_customer=0.5)
    (verdict,) = found.verdicts
    assert verdict.kind == "works"
    assert found.chances["offer"] > 0.99
    (worth,) = found.worth
    assert worth["per_customer_low"] < worth["per_customer"] < worth["per_customer_high"]
    assert worth["spent"] == 0.5 * worth["customers"]
    assert worth["net"] == pytest.approx(worth["total"] - worth["spent"])
    assert worth["return"] == pytest.approx(worth["net"] / worth["spent"])
    assert worth["return_low"] == pytest.approx(worth["net_low"] / worth["spent"], rel=0.01)


def test_arms_are_told_in_sums(planted):
    orders, directory, is_offer = planted
    found = read_experiment(orders, directory)
    arms = found.arms.filter(pl.col("segment").is_null())
    assert arms["arm"].to_list() == ["control", "offer"]
    assert arms["customers"].to_list() == [int((~is_offer).sum()), int(is_offer.sum())]
    after = orders.filter(pl.col("order_ts").is_between(START, END))
    total = after.join(pl.DataFrame({"customer_id": np.flatnonzero(is_offer) + 1}), on="customer_id", how="semi")
    assert arms["revenue"][1] == pytest.approx(total["amount"].sum(), abs=1e-6)
    assert arms["bought"][1] == total["customer_id"].n_unique()


def test_neither_order_of_lines_nor_files_nor_memory_change_a_digit(planted, tmp_path):
    orders, directory, _ = planted
    shuffled = orders.sample(fraction=1.0, shuffle=True, seed=5)
    for i in range(3):
        shuffled[i::3].write_parquet(tmp_path / f"part-{i}.parquet")
    one, other = read_experiment(orders, directory), read_experiment(tmp_path, directory)
    assert_frame_equal(one.effects, other.effects, check_exact=True)
    assert one.worth == other.worth


def test_what_is_written_is_what_was_found(planted, tmp_path):
    orders, directory, _ = planted
    found = read_experiment(orders, directory, out=tmp_path / "read")
    record = json.loads((tmp_path / "read" / "readout.json").read_text())
    assert record == json.loads(json.dumps(found.to_dict()))
    assert_frame_equal(pl.read_parquet(tmp_path / "read" / "effects.parquet"), found.effects)
    manifest = json.loads((tmp_path / "read" / "manifest.json").read_text())
    assert manifest["command"] == "experiment read"
    assert {file["path"] for file in manifest["outputs"]} >= {"effects.csv", "arms.parquet", "readout.json"}


def test_orders_after_the_end_change_nothing(planted):
    orders, directory, _ = planted
    later = pl.concat([orders, orders_of([(5, 30, 900.0), (6, 90, 900.0)]).with_columns(pl.col("order_id") + 10**6)])
    assert_frame_equal(read_experiment(orders, directory).effects, read_experiment(later, directory).effects)


def test_before_the_planned_end_nothing_is_tested(planted):
    orders, directory, _ = planted
    early = orders.filter(pl.col("order_ts") < END)
    found = read_experiment(early, directory)
    assert (found.timing.is_read, found.timing.next_day) == (False, END)
    assert found.effects.is_empty()
    assert found.verdicts == found.worth == ()
    assert found.arms["revenue"].sum() > 0


def test_arms_of_other_sizes_than_planned_stop_the_reading(planted, tmp_path):
    orders, _, is_offer = planted
    lost = people(orders, is_offer)
    lost = lost.filter((pl.col("arm") == "control") | (pl.col("customer_id") % 4 != 0))
    found = read_experiment(orders, write(tmp_path / "lost", lost))
    assert not found.checks.is_sound
    assert found.checks.sample_ratio_p < 0.001
    assert found.effects.is_empty()
    assert found.verdicts == ()


def test_arms_that_fit_as_a_whole_but_not_in_a_segment_stop_it_too(planted, tmp_path):
    orders, _, _ = planted
    arms = np.where(np.arange(N) % 2 == 0, "offer", "control")
    strata = np.where(np.arange(N) % 2 == 0, "a", "b")
    strata[::7] = "b"
    strata[1::7] = "a"
    table = assigned(arms.tolist(), value=known(orders), stratum=strata.tolist())
    found = read_experiment(orders, write(tmp_path / "odd", table, strata=("rfm",)))
    assert found.checks.sample_ratio_p > 0.001
    assert {name for name, _ in found.checks.by_stratum} == {"a", "b"}
    assert not found.checks.is_sound


def test_segments_are_weighed_tested_together_and_shrunken(planted, tmp_path):
    orders, _, is_offer = planted
    segments = np.random.default_rng(1).choice(["a", "b", "c"], N).tolist()
    found = read_experiment(orders, write(tmp_path / "seg", people(orders, is_offer, segment=segments)))
    rows = found.effects.filter(pl.col("segment").is_not_null())
    assert rows["segment"].to_list() == ["a", "b", "c"]
    assert (rows["q"] >= rows["p"]).all()
    spread = rows["effect"].max() - rows["effect"].min()
    assert rows["shrunken_effect"].max() - rows["shrunken_effect"].min() < spread
    sizes = (rows["customers_control"] + rows["customers_treated"]).to_numpy()
    assert sizes.sum() == N
    assert decisive(found)["effect"] == pytest.approx((rows["effect"].to_numpy() * sizes).sum() / N)


def test_segments_of_few_are_taken_together(planted, tmp_path):
    orders, _, is_offer = planted
    segments = ["tiny"] * 8 + ["small"] * 10 + ["middle"] * 300 + ["large"] * (N - 318)
    found = read_experiment(orders, write(tmp_path / "few", people(orders, is_offer, segment=segments)))
    rows = found.effects.filter(pl.col("segment").is_not_null())
    assert rows["segment"].to_list() == ["(small segments)", "large"]
    assert (rows["customers_control"] + rows["customers_treated"]).to_list() == [318, N - 318]


def test_holdouts_are_told_and_compared_with_nothing(planted, tmp_path):
    orders, _, _ = planted
    rng = np.random.default_rng(9)
    arms = rng.choice(["offer", "control", "holdout", "none"], N, p=[0.4, 0.4, 0.1, 0.1]).tolist()
    table = assigned([None if arm == "none" else arm for arm in arms], value=known(orders))
    directory = write(tmp_path / "h", table, arms="offer:4/9,control:4/9,holdout:1/9")
    found = read_experiment(orders, directory)
    whole = found.arms.filter(pl.col("segment").is_null())
    assert whole["arm"].to_list() == ["control", "offer", "holdout", "(universal holdout)"]
    assert found.effects["arm"].unique().to_list() == ["offer"]


def test_several_arms_share_the_error(planted, tmp_path):
    orders, _, _ = planted
    arms = np.random.default_rng(2).choice(["control", "mail", "call"], N).tolist()
    directory = write(
        tmp_path / "three", assigned(arms, value=known(orders)), arms="control:1/3,mail:1/3,call:1/3", effect=0.1
    )
    found = read_experiment(orders, directory)
    rows = found.effects.filter("is_decisive")
    assert rows["arm"].to_list() == ["mail", "call"]
    for row in rows.iter_rows(named=True):
        half = (row["high"] - row["low"]) / 2
        assert half == pytest.approx(2.2414 * row["standard_error"], rel=0.01)  # 97.5 %
    assert sum(found.chances.values()) == pytest.approx(1.0)


def test_an_inconclusive_experiment_says_what_it_would_take(tmp_path):
    is_offer = halves()
    orders = shop(N, seed=9)
    found = read_experiment(orders, write(tmp_path / "aa", people(orders, is_offer), effect=0.02))
    (verdict,) = found.verdicts
    assert verdict.kind == "inconclusive"
    row = decisive(found)
    needed = ((1.959964 + 0.841621) * row["standard_error"] / (0.02 * row["control_mean"])) ** 2
    assert verdict.more_customers == pytest.approx((needed - 1) * N, rel=1e-4)
    assert verdict.more_days == pytest.approx((needed - 1) * 28, rel=1e-3)
    assert verdict.detectable == pytest.approx(2.801585 * row["standard_error"] / row["control_mean"], rel=1e-5)


def test_an_effect_on_clv_is_that_of_the_scores_at_the_end(planted, tmp_path):
    from whalecurve.engine import score

    orders, directory, is_offer = planted
    score(orders, out=tmp_path / "after")
    found = read_experiment(orders, directory, scores=tmp_path / "after")
    clv = pl.read_parquet(tmp_path / "after" / "customers").sort("customer_id")["clv"].fill_null(0.0).to_numpy()
    (row,) = found.clv
    assert row["effect"] == pytest.approx(clv[is_offer].mean() - clv[~is_offer].mean(), rel=1e-6)


def test_scores_by_models_of_an_earlier_run_are_told(planted, tmp_path):
    from whalecurve.engine import Window, score

    orders, directory, _ = planted
    score(orders, out=tmp_path / "before", window=Window(as_of=START), measures=False)
    score(orders, out=tmp_path / "old", thresholds=tmp_path / "before", window=Window(as_of=END), measures=False)
    found = read_experiment(orders, directory, scores=tmp_path / "old")
    assert len(found.clv) == 1
    (note,) = (words for words in found.warnings if "were not fitted to the days of the experiment" in words)
    assert "score without `thresholds`" in note


def test_scores_without_clv_are_refused(planted, tmp_path):
    from whalecurve.engine import score

    orders, directory, _ = planted
    once = orders.filter(pl.col("order_ts") < START - timedelta(days=60))  # nobody has come back by then
    score(once, out=tmp_path / "once", window={"as_of": END})
    assert pl.read_parquet(tmp_path / "once" / "customers")["clv"].null_count() == N
    with pytest.raises(InputError, match="has no CLV for anybody; score with models that can be fitted"):
        read_experiment(orders, directory, scores=tmp_path / "once")


def test_scores_from_before_the_end_say_nothing_of_clv_after(planted, tmp_path):
    from whalecurve.engine import Window, score

    orders, directory, _ = planted
    start = read_experiment(orders, directory).plan["start"]
    score(orders, out=tmp_path / "early", window=Window(as_of=start))
    with pytest.raises(InputError, match=r"is as of .*, and the experiment goes on up to .*; score the orders"):
        read_experiment(orders, directory, scores=tmp_path / "early")


def test_discounts_that_only_the_treated_take_are_spent(planted):
    orders, directory, is_offer = planted
    treated = pl.Series(np.flatnonzero(is_offer) + 1)
    after = pl.col("order_ts") >= START
    with_discount = orders.with_columns(
        saved=pl.when(after & pl.col("customer_id").is_in(treated.implode())).then(2.0).otherwise(0.0)
    )
    found = read_experiment(with_discount, directory, line_discount="saved", cost_per_customer=0.25)
    (worth,) = found.worth
    n_lines = orders.filter(after & pl.col("customer_id").is_in(treated.implode())).height
    assert worth["discount_per_customer"] == pytest.approx(2.0 * n_lines / len(treated))
    assert worth["spent"] == pytest.approx(2.0 * n_lines + 0.25 * len(treated))
    assert worth["net"] == pytest.approx(worth["total"] - 0.25 * len(treated))
    assert worth["return_low"] < worth["return"] < worth["return_high"]


def test_planned_looks_stop_early_for_a_large_effect(planted, tmp_path):
    orders, _, is_offer = planted
    directory = write(tmp_path / "looks", people(orders, is_offer), looks=4)
    early = read_experiment(orders.filter(pl.col("order_ts") < START + timedelta(days=15)), directory)
    assert (early.timing.kind, early.timing.looks) == ("group sequential", (7, 14))
    assert early.timing.next_day == START + timedelta(days=20)
    assert decisive(early)["p"] is None
    whole = read_experiment(orders, directory)
    assert [look.day for look in whole.looks] == [7, 14, 21, 28]
    bounds = [look.critical for look in whole.looks]
    assert bounds == sorted(bounds, reverse=True)
    assert 1.96 < bounds[-1] < 2.4
    assert whole.looks[-1].is_crossed
    assert whole.verdicts[0].kind == "works"
    assert early.looks == whole.looks[:2] or early.looks[1].critical == pytest.approx(whole.looks[1].critical, rel=0.2)


def test_rolling_entry_is_read_by_a_confidence_sequence(planted, tmp_path):
    orders, _, is_offer = planted
    entered = [START - timedelta(days=7 * (i % 3)) for i in range(N)]
    table = people(orders, is_offer, entered=entered)
    value = [0.0] * N
    for wave in set(entered):
        own = known(orders, until=wave - timedelta(days=1))
        value = [own[i] if entered[i] == wave else value[i] for i in range(N)]
    table = table.with_columns(value=pl.Series(value))
    directory = write(tmp_path / "rolling", table, entry="rolling", days=14)
    some = read_experiment(orders.filter(pl.col("order_ts") < START + timedelta(days=8)), directory)
    assert some.timing.kind == "confidence sequence"
    assert some.n_waiting == sum(day == START for day in entered)
    assert some.checks.n_changed == 0
    row = decisive(some)
    assert (row["high"] - row["low"]) / 2 > 2.9 * row["standard_error"]
    assert row["p"] is not None


# What is refused, in one line each


def refused(orders, directory, **settings):
    with pytest.raises(InputError) as error:
        read_experiment(orders, directory, **settings)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_customers_who_come_again_are_refused(planted, tmp_path):
    orders, _, is_offer = planted
    table = people(orders, is_offer)
    other = {"control": "offer", "offer": "control"}[table["arm"][0]]
    write(tmp_path / "twice", pl.concat([table, table[:3], table[:1].with_columns(arm=pl.lit(other))]))
    words = refused(orders, tmp_path / "twice")
    assert "4 of 1,004 rows are of customers who come again, 1 of them in two arms" in words


def test_arms_that_were_changed_are_refused(planted, tmp_path):
    orders, _, is_offer = planted
    table = people(orders, is_offer)
    write(tmp_path / "changed", table)
    table[:-1].write_parquet(tmp_path / "changed" / "assignment.parquet")
    assert "arms have other customers than were assigned" in refused(orders, tmp_path / "changed")


def test_orders_that_end_before_the_start_are_refused(planted):
    orders, directory, _ = planted
    past = orders.filter(pl.col("order_ts") < START)
    assert "and experiment spring starts on 2025-06-01; add the orders" in refused(past, directory)


def test_orders_of_others_are_refused(planted):
    orders, directory, _ = planted
    others = orders.with_columns(pl.col("customer_id") + 10**6)
    assert "none of its 1,000 customers is in the orders" in refused(others, directory)
    texts = orders.with_columns(pl.col("customer_id").cast(pl.String))
    assert "customer ids are Int64, in the orders they are String" in refused(texts, directory)


def test_orders_of_another_past_are_refused(planted):
    orders, directory, _ = planted
    words = refused(orders.with_columns(pl.col("amount") * 1.2), directory)
    assert "have another revenue up to 2025-05-31 than at assignment" in words


def test_a_past_that_changed_a_little_is_told(planted):
    orders, directory, _ = planted
    changed = orders.with_columns(
        amount=pl.when(pl.col("customer_id") == 7).then(pl.col("amount") + 1).otherwise("amount")
    )
    found = read_experiment(changed, directory)
    assert any("1 customer whose revenue up to 2025-05-31 is not what it was" in words for words in found.warnings)


def test_customers_without_any_line_count_as_zero_and_are_told(planted, tmp_path):
    orders, _, is_offer = planted
    table = people(orders, is_offer)
    gone = orders.filter(pl.col("customer_id") > 20)
    value = [0.0] * 20 + table["value"].to_list()[20:]
    found = read_experiment(gone, write(tmp_path / "gone", table.with_columns(value=pl.Series(value))))
    assert found.checks.n_absent == 20
    assert any("20 assigned customers without any order line" in words for words in found.warnings)
    assert found.arms.filter(pl.col("segment").is_null())["customers"].sum() == N


def test_a_metric_that_orders_do_not_have_is_refused(planted, tmp_path):
    orders, _, is_offer = planted
    directory = write(tmp_path / "m", people(orders, is_offer), metric="margin", value="margin")
    assert "it is about margin, and the orders carry none" in refused(orders, directory)


def test_settings_that_will_not_do_are_refused(planted):
    orders, directory, _ = planted
    assert "cost_per_customer=-1.0 is not a cost" in refused(orders, directory, cost_per_customer=-1.0)
    named = orders.with_columns(code=pl.lit("x"))
    assert '`line_discount` "code" is String, expected an amount' in refused(named, directory, line_discount="code")


def test_a_day_before_the_first_that_is_adjusted_by_is_told(planted):
    orders, directory, _ = planted
    late = orders.filter(pl.col("order_ts") >= START - timedelta(days=10))
    with pytest.raises(InputError, match="another revenue"):
        read_experiment(late, directory)


def test_too_few_days_before_are_told(tmp_path):
    is_offer = halves(60)
    orders = orders_of([(i + 1, day, 5.0) for i in range(60) for day in (-5, 3, 27)])
    found = read_experiment(orders, write(tmp_path / "short", people(orders, is_offer)))
    assert any("orders begin on 2025-05-27: the 28 days before the start" in words for words in found.warnings)
    assert decisive(found)["effect"] == 0.0
    assert found.verdicts[0].kind == "inconclusive"
    assert date.fromisoformat(found.as_of) == END


def test_an_arm_that_nobody_is_in_is_named(planted, tmp_path):
    orders, _, _ = planted
    directory = write(tmp_path / "empty", people(orders, np.zeros(N, dtype=bool)))
    assert 'nobody in arm "offer" has been in the experiment' in refused(orders, directory)


def test_arms_of_one_customer_are_named(planted, tmp_path):
    orders, _, _ = planted
    table = people(orders, np.arange(N) < 1)
    assert 'arm "offer" has one customer to be compared' in refused(orders, write(tmp_path / "one", table))
    pair = write(tmp_path / "pair", table[:2])
    assert 'arm "control" has one customer to be compared' in refused(orders, pair)


def test_lines_before_assignment_change_the_past_and_no_outcome(planted, tmp_path):
    """Orders of old days that come late: told, and in no sum of the outcome's days."""
    orders, directory, _ = planted
    late = pl.concat([orders, orders_of([(3, -40, 7.0), (4, -50, 9.0)]).with_columns(pl.col("order_id") + 10**6)])
    found, plain = read_experiment(late, directory), read_experiment(orders, directory)
    assert_frame_equal(found.arms, plain.arms)
    assert found.checks.n_changed == 2
    assert any("2 customers whose revenue up to 2025-05-31 is not what it was" in words for words in found.warnings)


def test_ratios_sizes_and_plain_differences_are_those_of_tea_tasting_on_the_same_customers(planted):
    orders, directory, is_offer = planted
    found = read_experiment(orders, directory)
    during = pl.col("order_ts").is_between(START, END)
    sums = orders.filter(during).group_by("customer_id").agg(
        revenue=pl.col("amount").sum(), orders=pl.col("order_id").n_unique().cast(pl.Int64)
    )  # fmt: skip
    ids = pl.DataFrame({"customer_id": pl.int_range(1, N + 1, eager=True), "variant": is_offer.astype(int)})
    table = ids.join(sums, on="customer_id", how="left").with_columns(pl.col("revenue", "orders").fill_null(0))
    theirs = tt.Experiment(
        ratio=tt.RatioOfMeans("revenue", "orders"), sizes=tt.SampleRatio(method="norm", correction=False)
    ).analyze(table)  # fmt: skip
    (row,) = found.effects.filter(metric="revenue_per_order").iter_rows(named=True)
    assert row["control_mean"] == pytest.approx(theirs["ratio"].control, rel=1e-9)
    assert row["effect"] == pytest.approx(theirs["ratio"].effect_size, rel=1e-9)
    assert row["p"] == pytest.approx(theirs["ratio"].pvalue, rel=1e-6)
    bounds = theirs["ratio"].effect_size_ci_lower, theirs["ratio"].effect_size_ci_upper
    assert (row["low"], row["high"]) == pytest.approx(bounds, rel=1e-6)
    plain = pl.Series(is_offer.astype(int))
    assert found.checks.sample_ratio_p == pytest.approx(
        stats.binomtest(int(plain.sum()), N, 0.5).pvalue, rel=1e-6
    )  # so few are tested exactly; tea-tasting's own is the normal approximation
    assert found.checks.sample_ratio_p == pytest.approx(theirs["sizes"].pvalue, abs=0.06)
