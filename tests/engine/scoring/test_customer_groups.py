"""`fit_by`: groups of customers through the whole job."""

import polars as pl
import pytest

from tests.support.commands import printed
from tests.support.seasonal_logs import last_date, orders_of, purchase_days
from whalecurve import engine
from whalecurve.kernels import bgnbd

DAYS = purchase_days(9, customers=1_500, days=600)
AS_OF = last_date(DAYS)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Every third customer came by search and buys half as often; two came by a channel of their own, one by two."""
    lines = orders_of(DAYS).with_row_index("line")
    channel = pl.when(pl.col("customer_id") % 3 == 0).then(pl.lit("search")).otherwise(pl.lit("mail"))
    channel = pl.when(pl.col("customer_id") < 2).then(pl.lit("radio")).otherwise(channel)
    lines = lines.with_columns(channel=channel, amount=20.0 + pl.col("line") % 30)
    is_later = pl.col("order_ts") > pl.col("order_ts").min().over("customer_id")
    kept = lines.filter(~((pl.col("channel") == "search") & is_later & (pl.col("line") % 2 == 0)))
    twice = kept.filter(pl.col("customer_id") == 7).sort("order_ts").head(1).with_columns(channel=pl.lit("search"))
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    pl.concat([kept, twice]).drop("line").write_parquet(path)
    return path


@pytest.fixture(scope="module")
def run(log):
    scoring = {"fit_by": "channel", "intervals": 0.9, "recalibrate": True, "risk_days": 90}
    return engine.score(log, window={"as_of": AS_OF}, scoring=scoring, measures=False)


def groups_of(run):
    return {group["group"]: group for group in run.model["groups"]["groups"]}


def test_groups_are_those_of_the_first_order(run, log):
    first = pl.read_parquet(log).sort("order_ts").group_by("customer_id", maintain_order=True).first()
    counts = dict(first.group_by("channel").len().rows())
    groups = groups_of(run)
    assert list(groups) == ["mail", "radio", "search", None]
    assert groups[None]["customers"] == 1
    assert groups["radio"]["customers"] == counts["radio"] == 2
    assert groups["mail"]["customers"] == counts["mail"] - 1  # customer 7, whose first order names two
    assert groups["search"]["customers"] == counts["search"]


def test_customers_are_scored_by_the_parameters_of_their_group(run, log):
    customers, groups = run.to_polars(), groups_of(run)
    mine = customers.filter((pl.col("customer_id") % 3 == 0) & (pl.col("customer_id") > 2))
    x, t_x, T = (mine[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    params = groups["search"]["params"].values()
    assert mine["p_alive"].to_numpy() == pytest.approx(bgnbd.p_alive(x, t_x, T, *params), rel=1e-12)
    expected = bgnbd.conditional_expected_purchases(365.0, x, t_x, T, *params)
    assert mine["expected_purchases"].to_numpy() == pytest.approx(expected, rel=1e-9)
    assert (mine["expected_purchases_low"] < mine["expected_purchases"]).all()
    rates = {name: group["params"]["r"] / group["params"]["alpha"] for name, group in groups.items()}
    assert rates["search"] < rates["radio"] == rates[None] < rates["mail"]


def test_what_speaks_for_groups_is_recorded(run):
    found = run.model["groups"]
    assert found["likelihood_ratio"]["p_value"] < 1e-4
    ways = found["trial"]["ways"]
    assert list(ways) == ["one model for all", "groups pooled", "groups apart"]
    assert ways["groups pooled"]["error"] < ways["one model for all"]["error"]
    assert run.model["risk"]["test"]["auc"] > 0.6
    assert run.model["next_purchase"]["test"] is not None
    assert run.model["recalibration"]["split"] is not None
    small = next(words for words in run.manifest["warnings"] if words.startswith('fit_by="channel": too small'))
    assert small.endswith("so with the mean of the groups: radio, (none)")


def test_the_same_in_another_order_of_rows(run, log, tmp_path):
    pl.read_parquet(log).sample(fraction=1.0, shuffle=True, seed=1).write_parquet(tmp_path / "shuffled.parquet")
    scoring = {"fit_by": "channel", "intervals": 0.9, "recalibrate": True, "risk_days": 90}
    again = engine.score(tmp_path / "shuffled.parquet", window={"as_of": AS_OF}, scoring=scoring, measures=False)
    assert again.to_polars().equals(run.to_polars())
    assert again.model["groups"] == run.model["groups"]


def test_cohorts_are_years_of_the_first_purchase(log):
    run = engine.score(log, window={"as_of": AS_OF}, scoring={"fit_by": "cohort"}, measures=False)
    years = run.to_polars().group_by(pl.col("first_purchase").dt.year()).len().sort("first_purchase")
    groups = groups_of(run)
    assert {int(name): group["customers"] for name, group in groups.items()} == dict(years.rows())


def test_a_result_by_group_is_refused_as_a_basis_in_one_line(run, log):
    for use in (
        lambda: engine.score(log, thresholds=run.path),
        lambda: engine.whatif(run.path, levers=engine.Levers(purchase_rate=0.05)),
        lambda: engine.value_newcomers(run.path),
    ):
        with pytest.raises(engine.InputError, match=r'fitted by group \(fit_by="channel"\)'):
            use()
    with pytest.raises(engine.InputError, match="models are validated without it"):
        engine.validate(log, holdout_days=90, scoring={"fit_by": "channel"})
    assert engine.compare(run.path, run.path).warnings is not None


def test_what_cannot_be_a_group_is_refused(log, tmp_path):
    many = pl.read_parquet(log).with_columns(own=pl.col("customer_id").cast(pl.String))
    many.write_parquet(tmp_path / "many.parquet")
    with pytest.raises(engine.InputError, match="more than 200"):
        engine.score(tmp_path / "many.parquet", out=tmp_path / "out", scoring={"fit_by": "own"})
    with pytest.raises(engine.InputError, match='"nothing"'):
        engine.score(log, scoring={"fit_by": "nothing"})
    with pytest.raises(engine.InputError, match="are both given"):
        engine.score(log, scoring={"fit_by": "channel", "covariates": "x.parquet"})
    with pytest.raises(engine.InputError, match="name a column"):
        engine.Scoring(fit_by=" ")
    assert not (tmp_path / "out").exists()


def test_groups_are_printed_with_what_speaks_for_them(log, tmp_path):
    out = ["--out", tmp_path / "a", "--no-measures", "--full"]
    said = printed("score", log, *out, "--as-of", str(AS_OF), "--fit-by", "channel")
    assert "parameters by channel" in said
    assert "likelihood ratio of groups apart against one model for all" in said
    assert "RMSE of purchases in the 150 days after" in said


def test_attributes_of_customers_are_groups_too(log, tmp_path):
    customers = pl.read_parquet(log)["customer_id"].unique().sort()
    plan = pl.DataFrame({"customer_id": customers, "plan": (customers % 3 == 0).cast(pl.String)})
    plan.write_parquet(tmp_path / "plans.parquet")
    columns = {"attributes": [str(tmp_path / "plans.parquet")]}
    run = engine.score(log, columns=columns, window={"as_of": AS_OF}, scoring={"fit_by": "plan"}, measures=False)
    groups = groups_of(run)
    assert {name: group["customers"] for name, group in groups.items()} == dict(plan.group_by("plan").len().rows())
    rates = {name: group["params"]["r"] / group["params"]["alpha"] for name, group in groups.items()}
    assert rates["true"] < rates["false"]
