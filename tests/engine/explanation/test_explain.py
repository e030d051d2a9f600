"""Explaining a segment: a log worked out by hand, laws, and results that do not fit."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.oracle.shrinkage import beta_shares, kish, paule_mandel, ratio_and_variance
from tests.support.databases import duckdb_file
from tests.support.logs import simple_log
from tests.support.quarters import SCHEME
from whalecurve.engine import Columns, Explaining, InputError, Query, Scoring, Window, explain, score
from whalecurve.engine.orders import scan_orders
from whalecurve.engine.orders.lines_by_share import reading_of
from whalecurve.engine.runtime.memory import memory_budget

# Every line sells for 10 with a margin of 4, or brings back what it says. The log ends on 30 June 2024, 90 days after
# 1 April. dan's first day has two brands; hal has bought before the log begins, and is in nobody's base.
LINES = [
    *(("ann", "X", day, brand, 10.0, 4.0) for day, brand in (("01-10", "A"), ("02-10", "A"), ("03-29", "B"))),
    ("bob", "X", "01-05", "A", 10.0, 4.0),
    ("cat", "Y", "01-20", "B", 10.0, 4.0),
    ("cat", "Y", "06-20", "B", 10.0, 4.0),
    ("dan", "Y", "01-03", "A", 10.0, 4.0),
    ("dan", "Y", "01-03", "B", 10.0, 4.0),
    ("dan", "Y", "02-01", "A", 10.0, 4.0),
    ("eve", "Y", "02-08", "B", 10.0, -6.0),
    ("fay", "X", "05-20", "A", 10.0, 4.0),
    ("gil", "X", "03-28", "A", 10.0, 4.0),
    ("gil", "X", "04-05", "A", -10.0, -5.0),
    ("hal", "Y", "02-01", "A", -5.0, -5.0),
]
EVERYTHING = Explaining(
    min_customers=1, min_second_purchase_rate=0.0, min_return_rate=0.0, min_loss_share=0.0, min_margin_rate=0.0
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden")
    names = ("customer_id", "city", "day", "brand", "amount", "margin")
    lines = pl.DataFrame(LINES, schema=names, orient="row")
    day = pl.concat_str(pl.lit("2024-"), "day").str.to_date()
    lines.select(pl.exclude("day"), order_ts=day).write_parquet(folder / "log.parquet")
    (folder / "scheme.toml").write_text(SCHEME)
    return folder


@pytest.fixture(scope="module")
def scoring(folder):
    return Scoring(segments=str(folder / "scheme.toml"), rfm_bins=2)


@pytest.fixture(scope="module")
def found(folder, scoring):
    window = Window(as_of=date(2024, 6, 30))
    return explain(
        folder / "log.parquet", "Faithful", ["brand", "city"], window=window, scoring=scoring, settings=EVERYTHING
    )


def test_the_segment_by_hand(found):
    """R 2: cat, fay, ann, with four or more of seven before them; F 2: ann, cat, dan, who bought more than once."""
    assert found.customers == {"segment": 2, "base": 7, "observed": 6}  # fay came after 1 April
    assert (found.scheme, found.value, found.as_of) == ("rfm", "margin", "2024-06-30")
    # ann and dan came back; 2 of 12 lines returned; eve and gil cost; 12 lines of margin 4, -6, -5, -5.
    assert found.rates["second_purchase_rate"] == 2 / 6
    assert found.rates["return_rate"] == 2 / 12
    assert found.rates["loss_share"] == 2 / 7
    assert found.rates["margin_rate"] == pytest.approx((11 * 4 - 6 - 5 - 5) / (12 * 10 - 15), rel=1e-12)


def test_the_profile_by_hand(found):
    """Who has bought A: ann, bob, dan, fay, gil; B: ann, cat, dan, eve. The segment is ann and cat."""
    brand = found.dimensions[0]
    assert (brand.values_per_customer, brand.values_per_member) == (9 / 7, 3 / 2)
    expected = pl.DataFrame(
        {
            "value": ["A", "B"],
            "customers_segment": [1, 2],
            "customers_base": [5, 4],
            "share_segment": [1 / 2, 1.0],
            "share_base": [5 / 7, 4 / 7],
            "share_rest": [4 / 5, 2 / 5],
            "index": [70.0, 175.0],
            "lift": [5 / 8, 5 / 2],
            "line_share_segment": [2 / 5, 3 / 5],
            "line_share_rest": [5 / 7, 2 / 7],
            "line_lift": [14 / 25, 21 / 10],
            "value_share_segment": [8 / 20, 12 / 20],
            "value_share_base": [23 / 33, 10 / 33],
            "value_index": [40 * 33 / 23, 60 * 33 / 10],
        }
    )
    assert_frame_equal(brand.profile.select(expected.columns), expected, rel_tol=1e-12)


# value, measure: customers, n, rate, elsewhere. Of dan, the only one who came by two brands, there is nobody to
# compare with; hal has returned a line and bought none.
ANOMALIES = {
    ("A", "second_purchase_rate"): (3, 3, 1 / 3, 0 / 2),  # ann, not bob and gil; not cat and eve
    ("B", "second_purchase_rate"): (2, 2, 0 / 2, 1 / 3),
    ("A", "loss_share"): (4, 4, 1 / 4, 1 / 2),  # gil of ann, bob, fay, gil; eve of cat, eve
    ("B", "loss_share"): (2, 2, 1 / 2, 1 / 4),
    ("A", "return_rate"): (5, 7, 2 / 7, 0 / 5),
    ("B", "return_rate"): (4, 5, 0 / 5, 2 / 7),
    ("A", "margin_rate"): (5, 7, 18 / 55, 10 / 50),
    ("B", "margin_rate"): (4, 5, 10 / 50, 18 / 55),
}


@pytest.mark.parametrize("key", ANOMALIES, ids=" ".join)
def test_behaviour_by_hand(found, key):
    value, measure = key
    row = found.dimensions[0].anomalies.row(
        by_predicate=(pl.col("value") == value) & (pl.col("measure") == measure), named=True
    )
    n_customers, n, rate, elsewhere = ANOMALIES[key]
    assert (row["n_customers"], row["n"]) == (n_customers, n)
    assert (row["rate"], row["rate_elsewhere"]) == pytest.approx((rate, elsewhere), rel=1e-12)
    assert row["difference"] == pytest.approx(rate - elsewhere, rel=1e-12)
    assert row["low"] <= row["difference"] <= row["high"]
    assert min(rate, (9 * rate + elsewhere) / 10) - 1.0 < row["shrunk_rate"] < 1.0
    if measure == "return_rate" and value == "A":
        assert row["rate_of_amounts"] == 15 / 70
    if measure == "margin_rate":
        assert row["rate_of_amounts"] == pytest.approx(rate, rel=1e-12)
        # No line is beyond the cap; a line's money is rounded to a millionth of the mean.
        assert (row["robust_rate"], row["robust_rate_elsewhere"]) == pytest.approx((rate, elsewhere), rel=1e-6)
    else:
        assert (row["robust_rate"], row["robust_rate_elsewhere"]) == (None, None)


def test_every_customer_has_one_city_and_all_are_compared(found):
    rows = found.dimensions[1].anomalies.filter(measure="loss_share").sort("value")
    assert rows["n"].to_list() == [4, 3]
    assert rows["rate"].to_list() == [1 / 4, 1 / 3]


def test_a_seven_customer_log_proves_nothing(found):
    assert all(one.anomalies["effect"].count() == 0 and one.flags.is_empty() for one in found.dimensions)
    assert all(one.profile["marks"].count() == 0 for one in found.dimensions)


def test_values_with_few_customers_are_listed_and_not_tested(folder, scoring):
    found = explain(
        folder / "log.parquet", "Faithful", ["brand"], scoring=scoring, settings=Explaining(min_customers=5)
    )
    (brand,) = found.dimensions
    tested = brand.anomalies.filter(pl.col("p_value").is_not_null()).select("value", "measure").rows()
    assert sorted(tested) == [("A", "margin_rate"), ("A", "return_rate")]
    assert brand.profile.select("value", pl.col("p_value").is_null()).rows() == [("A", False), ("B", True)]


def test_a_null_is_no_value(folder, scoring, tmp_path):
    lines = pl.read_parquet(folder / "log.parquet")
    lines.with_columns(brand=pl.col("brand").replace("B", None)).write_parquet(tmp_path / "log.parquet")
    found = explain(tmp_path / "log.parquet", "Faithful", ["brand"], scoring=scoring, settings=EVERYTHING)
    (brand,) = found.dimensions
    assert brand.n_lines_without_value == 5
    assert brand.anomalies["value"].unique().to_list() == ["A"]
    assert brand.profile.select("value", pl.col("p_value").is_null()).rows() == [("A", False), (None, True)]
    # dan came by A alone now; cat and eve by none, so that those who came by one are those who came by A.
    row = brand.anomalies.row(by_predicate=pl.col("measure") == "second_purchase_rate", named=True)
    assert (row["n"], row["rate"], row["p_value"]) == (0, None, None)
    assert found.warnings[-1] == "brand: 5 sale lines have none; they count among the rest"


@pytest.mark.parametrize(
    ("cast", "texts"),
    [
        (pl.col("brand").cast(pl.Categorical), ["A", "B"]),
        (pl.col("brand").cast(pl.Binary), ["41", "42"]),
        ((pl.col("brand") == "A"), ["false", "true"]),
        (pl.col("brand").replace_strict({"A": 0.1, "B": 2.5}), ["0.1", "2.5"]),
        (pl.col("brand").replace_strict({"A": date(2020, 1, 1), "B": date(2021, 1, 1)}), ["2020-01-01", "2021-01-01"]),
    ],
)
def test_values_of_any_type_are_told_as_text(folder, scoring, tmp_path, cast, texts):
    pl.read_parquet(folder / "log.parquet").with_columns(brand=cast).write_parquet(tmp_path / "log.parquet")
    (brand,) = explain(tmp_path / "log.parquet", "Gone", ["brand"], scoring=scoring).dimensions
    assert brand.profile["value"].to_list() == texts
    assert sorted(brand.profile["customers_base"].to_list()) == [4, 5]


def test_without_margin_there_is_no_margin_rate(folder, scoring):
    columns = Columns(margin="")
    found = explain(folder / "log.parquet", "Faithful", ["brand"], columns=columns, scoring=scoring)
    assert found.value == "revenue"
    assert "margin_rate" not in found.rates
    assert set(found.dimensions[0].anomalies["measure"]) == {"second_purchase_rate", "return_rate", "loss_share"}


def random_log(seed, n=60):
    """A log in which nothing is simple: repeats, returns, many brands at once, customers with returns only."""
    rng = np.random.default_rng(seed)
    rows = 8 * n
    amount = np.round(rng.lognormal(3.0, 1.5, rows), 2) * np.where(rng.random(rows) < 0.15, -1.0, 1.0)
    return pl.DataFrame(
        {
            "customer_id": rng.integers(0, n, rows),
            "order_ts": [date(2024, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 300, rows)],
            "amount": amount,
            "margin": np.round(amount * rng.normal(0.3, 0.5, rows), 2),
            "brand": pl.Series(rng.choice(["A", "B", "C", "D"], rows, p=[0.5, 0.3, 0.15, 0.05])),
        }
    )


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch")


def tables_of(lines, folder, by="brand", **options):
    """Profile and anomalies of the hibernating, each sorted."""
    lines.write_parquet(folder / "lines.parquet")
    options = {"settings": Explaining(min_customers=3), **options}
    found = explain(folder / "lines.parquet", "Hibernating", [by], **options)
    return found, found.dimensions[0].profile, found.dimensions[0].anomalies


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_changes_no_digit(scratch, seed):
    lines = random_log(seed)
    _, profile, anomalies = tables_of(lines, scratch)
    _, shuffled, also_shuffled = tables_of(lines.sample(fraction=1.0, shuffle=True, seed=seed), scratch)
    assert_frame_equal(profile, shuffled, check_exact=True)
    assert_frame_equal(anomalies, also_shuffled, check_exact=True)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.25, 3.0, 1_000.0]))
def test_money_in_another_currency_changes_sums_alone(scratch, seed, rate):
    lines = random_log(seed)
    _, profile, anomalies = tables_of(lines, scratch)
    _, scaled, also_scaled = tables_of(lines.with_columns(pl.col("amount", "margin") * rate), scratch)
    # A line's money is rounded to a millionth of the mean: a tie may fall to the other side.
    assert_frame_equal(profile, scaled, rel_tol=1e-9)
    assert_frame_equal(anomalies, also_scaled, rel_tol=1e-4, abs_tol=1e-7)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000))
def test_the_base_has_index_100_and_shares_are_shares(scratch, seed):
    lines = random_log(seed)
    found, profile, _ = tables_of(lines.with_columns(brand=pl.lit("all")), scratch)
    assert profile["index"].to_list() == [100.0]
    assert profile["value_index"].to_list() in ([pytest.approx(100.0, rel=1e-12)], [None])
    found, profile, anomalies = tables_of(lines, scratch)
    n = found.customers
    base = profile["share_base"] * n["base"]
    weighted = profile["share_segment"] * n["segment"] + profile["share_rest"] * (n["base"] - n["segment"])
    assert weighted.to_list() == pytest.approx(base.to_list(), rel=1e-12)
    assert profile["line_share_segment"].sum() == pytest.approx(1.0, rel=1e-12)
    assert profile["line_share_rest"].sum() == pytest.approx(1.0, rel=1e-12)
    assert profile["index"].to_list() == pytest.approx(
        (100.0 * profile["share_segment"] / profile["share_base"]).to_list()
    )
    shares = anomalies.filter(pl.col("measure").is_in(["second_purchase_rate", "loss_share"]))
    for name in ("rate", "rate_elsewhere", "shrunk_rate"):
        assert shares[name].drop_nulls().is_between(0.0, 1.0).all()
    assert anomalies["p_value"].drop_nulls().is_between(0.0, 1.0).all()
    assert (anomalies["q_value"] >= anomalies["p_value"]).drop_nulls().all()


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000))
def test_rates_are_those_of_a_plain_count(scratch, seed):
    lines = random_log(seed)
    _, _, anomalies = tables_of(lines, scratch)
    sold, returned = (lines.filter(is_so) for is_so in (pl.col("amount") >= 0, pl.col("amount") < 0))
    for row in anomalies.filter(measure="return_rate").iter_rows(named=True):
        mine = pl.col("brand") == row["value"]
        assert row["rate"] == returned.filter(mine).height / sold.filter(mine).height
        assert row["rate_elsewhere"] == returned.filter(~mine).height / sold.filter(~mine).height
        assert row["rate_of_amounts"] == pytest.approx(
            -returned.filter(mine)["amount"].sum() / sold.filter(mine)["amount"].sum(), rel=1e-12
        )
    for row in anomalies.filter(measure="margin_rate").iter_rows(named=True):
        mine = lines.filter(pl.col("brand") == row["value"])
        if mine["amount"].sum() > 0.0:
            expected = mine["margin"].sum() / mine["amount"].sum()
            assert (row["rate"], row["rate_of_amounts"]) == pytest.approx((expected, expected), rel=1e-9, abs=1e-9)
        rest = lines.filter(pl.col("brand") != row["value"])
        if rest["amount"].sum() > 0.0:
            assert row["rate_elsewhere"] == pytest.approx(
                rest["margin"].sum() / rest["amount"].sum(), rel=1e-9, abs=1e-9
            )


def of_each_customer(lines, brand, numerator, denominator):
    """The sums of both of each customer who has lines of a brand."""
    sums = lines.filter(brand=brand).group_by("customer_id").agg(numerator, denominator)
    return sums.drop("customer_id").rows()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_rates_are_shrunk_by_the_variance_of_each_value_as_plain_loops_do(scratch, seed):
    lines = random_log(seed)
    _, _, anomalies = tables_of(lines, scratch)
    margins = anomalies.filter(measure="margin_rate")
    tables = [of_each_customer(lines, brand, *map(pl.sum, ("margin", "amount"))) for brand in margins["value"]]
    # Where returns leave little, a rate rests on less than one customer, and its variance is not known.
    known = [sum(x for _, x in table) > 0.0 and kish([x for _, x in table]) > 1.0 for table in tables]
    assert [rate is not None for rate in margins["shrunk_rate"]] == known
    if any(known):
        told = [ratio_and_variance(table) for table, is_known in zip(tables, known, strict=True) if is_known]
        # A line's money is squared in millionths of its mean.
        assert margins["shrunk_rate"].drop_nulls().to_list() == pytest.approx(
            paule_mandel(*zip(*told, strict=True)), rel=1e-4, abs=1e-4
        )
    returned, sold = ((pl.col("amount") < 0.0).sum().alias("y"), (pl.col("amount") >= 0.0).sum().alias("x"))
    tables = [of_each_customer(lines, brand, returned, sold) for brand in margins["value"]]
    shrunk = anomalies.filter(measure="return_rate")["shrunk_rate"]
    assert shrunk.to_list() == pytest.approx(beta_shares(tables), rel=1e-6)


def five_discounts(folder):
    """A hundred customers, each with a line of five values: margins of 28 to 32 of 100, and of -102 to -98."""
    rows = [
        (customer, date(2024, 1, 1 + customer % 28), value, 100.0, float(mean + customer % 5 - 2))
        for customer in range(100)
        for value, mean in (("0.0", 30), ("0.1", 30), ("0.2", 30), ("0.3", 30), ("0.8", -100))
    ]
    lines = pl.DataFrame(rows, schema=["customer_id", "order_ts", "discount", "amount", "margin"], orient="row")
    lines.write_parquet(folder / "discounts.parquet")
    return folder / "discounts.parquet"


def test_what_a_value_differs_by_is_not_shrunk_as_noise(scratch):
    (discount,) = explain(five_discounts(scratch), "Hibernating", ["discount"]).dimensions
    rows = discount.anomalies.filter(measure="margin_rate").sort("value")
    assert rows["rate"].to_list() == pytest.approx([0.3, 0.3, 0.3, 0.3, -1.0], rel=1e-12)
    assert rows["shrunk_rate"].to_list() == pytest.approx([0.3, 0.3, 0.3, 0.3, -1.0], abs=1e-4)
    assert rows["effect"][4] == "worse"


def test_more_lines_may_come_back_than_were_sold(scratch):
    rows = [(c, date(2024, 1, 1 + c % 28), kind, 10.0) for c in range(40) for kind in ("chair", "lamp", "lamp")]
    rows += [(c, date(2024, 2, 10), "chair", -10.0) for c in range(30) for _ in range(1 + c % 2)]
    pl.DataFrame(rows, schema=["customer_id", "order_ts", "kind", "amount"], orient="row").write_parquet(
        scratch / "before.parquet"
    )
    (kind,) = explain(scratch / "before.parquet", "Hibernating", ["kind"]).dimensions
    row = kind.anomalies.filter(measure="return_rate", value="chair").row(0, named=True)
    assert row["rate"] == 45 / 40
    assert row["low"] < row["difference"] == 45 / 40 < row["high"]
    assert row["effect"] == "worse"


def test_a_value_whose_lines_come_back_is_not_shrunk_as_noise(scratch):
    """Of twenty values, lines of one are returned by six in ten of its customers, of the others by one in fifty."""
    rng = np.random.default_rng(7)
    rows = []
    for customer in range(400):
        for value in range(20):
            sold = int(rng.integers(1, 5))
            is_returned = rng.random() < (0.6 if value == 0 else 0.02)
            rows += [(customer, date(2024, 1, 1 + customer % 28), f"v{value:02}", 10.0)] * sold
            rows += [(customer, date(2024, 2, 10), f"v{value:02}", -10.0)] * (sold * is_returned)
    lines = pl.DataFrame(rows, schema=["customer_id", "order_ts", "kind", "amount"], orient="row")
    lines.write_parquet(scratch / "returned.parquet")
    (kind,) = explain(scratch / "returned.parquet", "Hibernating", ["kind"]).dimensions
    row = kind.anomalies.filter(measure="return_rate", value="v00").row(0, named=True)
    assert row["rate"] == pytest.approx(0.6, abs=0.06)
    assert row["shrunk_rate"] == pytest.approx(row["rate"], abs=0.06)
    assert row["low"] > 0.5
    assert row["effect"] == "worse"


def test_passes_over_the_customers_change_no_digit(scratch, monkeypatch):
    lines = random_log(5)
    _, profile, anomalies = tables_of(lines, scratch)
    monkeypatch.setattr("whalecurve.engine.customer_shares.LINES_PER_PASS", 100)
    _, in_passes, also_in_passes = tables_of(lines, scratch)
    assert_frame_equal(profile, in_passes, check_exact=True)
    assert_frame_equal(anomalies, also_in_passes, check_exact=True)


def test_memory_asks_for_passes_over_the_customers_and_changes_no_digit(scratch, tmp_path):
    lines = random_log(5)
    _, profile, anomalies = tables_of(lines, scratch)
    orders, window = scan_orders(scratch / "lines.parquet"), Window(as_of=date(2024, 12, 31))
    budgets = [memory_budget(memory, orders.n_rows) for memory in (None, 1)]
    passes = [reading_of(orders, window, "margin", orders.n_rows, budget).n_passes for budget in budgets]
    assert passes[0] == 1 < passes[1]
    score(scratch / "lines.parquet", out=tmp_path / "scores")
    _, in_passes, also_in_passes = tables_of(lines, scratch, scores=tmp_path / "scores", memory=1)
    assert_frame_equal(profile, in_passes, check_exact=True)
    assert_frame_equal(anomalies, also_in_passes, check_exact=True)


def test_one_large_order_makes_no_margin_rate(scratch):
    lines = random_log(6)
    large = lines.head(1).with_columns(amount=pl.lit(1e7), margin=pl.lit(-9e6), brand=pl.lit("A"))
    found, _, anomalies = tables_of(pl.concat([lines, large]), scratch)
    row = anomalies.row(by_predicate=(pl.col("value") == "A") & (pl.col("measure") == "margin_rate"), named=True)
    assert row["rate"] == row["rate_of_amounts"] == pytest.approx(-0.9, abs=0.01)
    assert row["robust_rate"] > row["rate"] + 0.01
    assert found.rates["margin_rate"] == pytest.approx(-0.9, abs=0.01)
    assert row["p_value"] > 0.05
    assert found.dimensions[0].flags.is_empty()


# With a result of `score`


@pytest.fixture(scope="module")
def scores(folder, scoring):
    score(folder / "log.parquet", out=folder / "scores", scoring=scoring, window=Window(as_of=date(2024, 6, 30)))
    return folder / "scores"


def test_an_existing_result_tells_the_same(folder, scores, found):
    again = explain(folder / "log.parquet", "Faithful", ["brand", "city"], scores=scores, settings=EVERYTHING)
    assert again.to_dict() == found.to_dict()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": Window(as_of=date(2024, 6, 29))}, 'as_of "2024-06-30" there, "2024-06-29" here'),
        ({"window": Window(since=date(2024, 1, 4))}, 'since none there, "2024-01-04" here'),
        ({"window": Window(timezone="Europe/London")}, 'timezone none there, "Europe/London" here'),
        ({"columns": Columns(amount="amount * 2")}, 'columns.amount "amount" there, "amount * 2" here'),
        ({"columns": Columns(margin="")}, 'columns.margin "margin" there, none here'),
        ({"columns": Columns(where="amount > 0")}, 'where none there, "amount > 0" here'),
        ({"scoring": Scoring(value="revenue")}, 'value "margin" there, "revenue" here'),
        ({"scoring": Scoring(covariate_columns=("city", "age"))}, "covariate_columns none there, city, age here"),
        ({"scoring": Scoring(rfm_bins=3, model="pnbd")}, 'model "bgnbd" there, "pnbd" here; rfm_bins 2 there, 3 here'),
    ],
)
def test_a_result_of_other_definitions_is_refused(folder, scores, options, message):
    with pytest.raises(InputError) as refused:
        explain(folder / "log.parquet", "Faithful", ["brand"], scores=scores, **options)
    assert str(refused.value) == (
        f'scores="{scores}": definitions do not fit: {message}; give the same settings as to score, or leave '
        "`scores` out"
    )


def test_a_result_of_other_orders_is_refused(folder, scores, tmp_path):
    pl.read_parquet(folder / "log.parquet").head(9).write_parquet(tmp_path / "log.parquet")
    with pytest.raises(InputError, match=r"scored 1 file of 14 rows in [0-9,]+ bytes, which are not .*log\.parquet"):
        explain(tmp_path / "log.parquet", "Faithful", ["brand"], scores=scores)


@pytest.mark.parametrize("with_scores", [True, False])
def test_an_unknown_segment_is_refused_with_the_names_of_all(folder, scores, scoring, with_scores):
    options = {"scores": scores} if with_scores else {"scoring": scoring}
    with pytest.raises(InputError) as refused:
        explain(folder / "log.parquet", "Champions", ["brand"], **options)
    assert str(refused.value) == (
        '`segment` "Champions": no such segment; choose one of '
        "Faithful, Fresh, Fading, Gone, Retain, Divest, Grow, Maintain, high, middle, low, new, active, dormant, "
        "churned, platinum, gold, silver, bronze"
    )


def test_a_cell_of_the_matrix_is_a_segment_and_one_with_nobody_is_refused(folder, scores):
    table = pl.read_parquet(scores / "segments.parquet").filter(scheme="matrix")
    for name, n in table.select("segment", "customers").drop_nulls().rows():
        if n:
            found = explain(folder / "log.parquet", name, ["brand"], scores=scores)
            assert (found.scheme, found.customers["segment"]) == ("matrix", n)
        else:
            with pytest.raises(InputError, match="no customer is in it; choose another"):
                explain(folder / "log.parquet", name, ["brand"], scores=scores)


def test_what_is_written_is_what_was_found(folder, scores, tmp_path):
    out = tmp_path / "explained"
    found = explain(folder / "log.parquet", "Faithful", ["brand", "city"], scores=scores, out=out)
    names = {path.name for path in out.iterdir()}
    assert names == {
        "profile.parquet", "anomalies.parquet", "flags.parquet", "explain.json", "model.json", "manifest.json",
        "schema.json",
    }  # fmt: skip
    for name in ("profile", "anomalies", "flags"):
        assert_frame_equal(pl.read_parquet(out / f"{name}.parquet"), found.table(name))
    assert json.loads((out / "explain.json").read_text()) == found.to_dict()
    manifest = json.loads((out / "manifest.json").read_text())
    assert {one["path"] for one in manifest["outputs"]} == names - {"manifest.json"}
    assert manifest["scores"] == found.scores
    definitions = json.loads((out / "model.json").read_text())["definitions"]
    assert (definitions["segment"], definitions["by"], definitions["fdr"]) == ("Faithful", ["brand", "city"], 0.05)
    with pytest.raises(InputError, match="exists; choose another directory, or replace it with overwrite=True"):
        explain(folder / "log.parquet", "Faithful", ["brand"], scores=scores, out=out)
    explain(folder / "log.parquet", "Faithful", ["city"], scores=scores, out=out, overwrite=True)
    assert set(pl.read_parquet(out / "profile.parquet")["dimension"]) == {"city"}


def test_the_result_that_is_read_is_never_replaced(folder, scores):
    for out, where in ((scores, "holds"), (scores / "why", "lies within")):
        with pytest.raises(InputError, match=f"{where} the result that is read"):
            explain(folder / "log.parquet", "Faithful", ["brand"], scores=scores, out=out, overwrite=True)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"min_customers": 0}, "`min_customers` must be at least 1, not 0"),
        ({"fdr": 1.0}, "fdr=1.0 is out of range; choose a number between 0 and 1"),
        ({"level": 0.0}, "level=0.0 is out of range; choose a number between 0 and 1"),
        ({"second_purchase_days": 0}, "second_purchase_days=0 is too short; choose at least 1 day"),
        ({"min_lift": 0.9}, "min_lift=0.9 is out of range; choose 1 or more, as 1.2 for a fifth more"),
        ({"min_return_rate": -1.0}, "min_return_rate=-1.0 is out of range; choose 0 to 1, as 0.03 for 3 points"),
    ],
)
def test_settings_that_mean_nothing_are_refused(setting, message):
    with pytest.raises(InputError) as refused:
        Explaining(**setting)
    assert str(refused.value) == message


def test_no_dimension_is_refused(folder):
    with pytest.raises(InputError, match="`by` names no dimension"):
        explain(folder / "log.parquet", "Champions", [])


def test_a_database_is_asked_once_for_the_orders_and_for_who_is_in_the_segment(tmp_path):
    lines = simple_log(3_000, 300, seed=4).with_columns(category=(pl.col("order_id") % 3).cast(pl.String))
    path = duckdb_file(tmp_path / "shop.duckdb", lines)
    begun = []

    def gone_once_opened(stage):
        begun.append(stage)
        if len(begun) > 1:
            path.unlink(missing_ok=True)

    asked = Query(str(path), "SELECT * FROM orders")
    found = explain(asked, "Champions", ["category"], on_stage=gone_once_opened)
    assert not path.exists()
    assert found.to_dict() == explain(lines, "Champions", ["category"]).to_dict() | {
        name: found.to_dict()[name] for name in ("orders", "scores") if name in found.to_dict()
    }
