"""Which values go with bad or good behaviour: each one against all customers, or lines, that have another."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.explanation.settings import MEASURES, Explaining
from whalecurve.engine.explanation.values import Values
from whalecurve.engine.statistics import (
    Pair,
    RatioSums,
    adjusted,
    difference_interval,
    p_values,
    ratios,
    shrunk_means,
    shrunk_shares,
    vector_of,
)
from whalecurve.kernels.arrays import Vector

TOXIC, LOYAL = "toxic", "loyal"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """One measure of every value: customers it rests on, counts or sums, rates, test.

    robust : rate, and rate elsewhere, that are tested, where they are others than rate and elsewhere
    """

    n_customers: Vector
    n: Vector
    rate: Vector
    rate_of_amounts: Vector
    elsewhere: Vector
    shrunk: Vector
    low: Vector
    high: Vector
    p: Vector
    robust: tuple[Vector, Vector] | None = None


def anomalies(given: Values, totals: Mapping[str, float], settings: Explaining, *, has_margin: bool) -> pl.DataFrame:
    """One row per value and measure, see `value_sums` and `customer_totals` for what is given.

    Null is no value: customers and lines without one are in every complement, and nothing is said of them.

    second_purchase_rate : of the customers who came by the value and have been observed for as many days, those with a
        second purchase day within `second_purchase_days`
    return_rate : lines returned over lines sold
    loss_share : of the customers who came by it, those with a negative value
    margin_rate : margin over revenue of its lines, net of returns, where lines carry margin. The test is of a robust
        rate, in which the money of a line counts up to ten times the mean, so that no single order makes a difference;
        nothing is reported in which the two disagree on which is greater. Not a mean margin per customer, which would
        say again who buys often, and not a rank test, which compares medians where losses are in the tail

    The first and the third are tested customer by customer, among those who came by as many values (without that,
    every product goes with good behaviour, as who fills a basket comes back); the other two on lines, with the customer
    as the unit: returns by counts of as many independent lines as they are worth, margin by the linearised ratio. All
    tests of the dimension are one family for the false discovery rate.

    Returns
    -------
    DataFrame
        value, measure
        n_customers : whom the rate rests on; of customers, those who can be compared with others
        n : customers, or lines sold, in its denominator
        rate, rate_elsewhere : with the value, and in the complement; of customers, in a complement who came by as many
            values (direct standardisation)
        shrunk_rate : the rate, drawn toward the common one as far as chance explains it
        difference, low, high : rate less rate elsewhere, with its interval
        rate_of_amounts : of return_rate amount returned over amount sold, of margin_rate the rate once more
        robust_rate, robust_rate_elsewhere : of margin_rate, those that are tested; else null
        p_value, q_value : null where it was not tested
        effect : "better" or "worse" where it is reported, else null
    """
    values = given.table.drop_nulls("value")
    measures = {
        "second_purchase_rate": _of_customers(given, "second", "observed", settings),
        "return_rate": _returns(values, totals, settings),
        "loss_share": _of_customers(given, "loss", "came", settings),
    }
    if has_margin:
        measures["margin_rate"] = _margin(values, totals, settings)
    rows = pl.concat(_rows(values, measured, name, settings) for name, measured in measures.items())
    tested = rows["p_value"].is_not_null().to_numpy()
    q = np.full(rows.height, np.nan)
    q[tested] = adjusted(rows["p_value"].to_numpy()[tested], rows["is_material"].to_numpy()[tested])
    is_better = pl.col("difference") * pl.col("better") > 0
    effect = pl.when(is_better).then(pl.lit("better")).otherwise(pl.lit("worse"))
    return rows.with_columns(q_value=pl.Series(q, nan_to_null=True)).select(
        pl.exclude("is_material", "better"), effect=pl.when(pl.col("q_value") <= settings.fdr).then(effect)
    )


def flags(anomalies: pl.DataFrame) -> pl.DataFrame:
    """The values with something reported of them: value, flag, worse, better (lists of measures), toxic ones first.

    toxic : a worse second-purchase rate, and a worse margin or more returns
    loyal : a better second-purchase rate, and neither a worse margin nor more returns
    """
    worse, better = (pl.col("measure").filter(pl.col("effect") == word).sort() for word in ("worse", "better"))
    of_value = (
        anomalies.drop_nulls("effect").group_by("value").agg(worse=worse, better=better, q=pl.col("q_value").min())
    )
    bad, good = pl.col("worse").list, pl.col("better").list
    is_costly = bad.contains("margin_rate") | bad.contains("return_rate")
    is_toxic = bad.contains("second_purchase_rate") & is_costly
    is_loyal = good.contains("second_purchase_rate") & ~is_costly
    flag = pl.when(is_toxic).then(pl.lit(TOXIC)).when(is_loyal).then(pl.lit(LOYAL))
    sorted_ones = of_value.with_columns(flag=flag).sort(~is_toxic, ~is_loyal, "q", "value")
    return sorted_ones.select("value", "flag", "worse", "better")


def _rows(values: pl.DataFrame, measured: _Measured, name: str, settings: Explaining) -> pl.DataFrame:
    measure = next(one for one in MEASURES if one.name == name)
    nothing = np.full(values.height, np.nan)
    robust, robust_elsewhere = measured.robust or (nothing, nothing)
    difference, shrunk = measured.rate - measured.elsewhere, measured.shrunk - measured.elsewhere
    is_tested = (measured.n_customers >= settings.min_customers) & np.isfinite(difference)
    with np.errstate(invalid="ignore"):
        is_material = (np.abs(shrunk) >= settings.least(measure)) & (shrunk * difference > 0.0)
        is_material &= (robust - robust_elsewhere) * difference > 0.0 if measured.robust else True
    columns = {
        "rate": measured.rate,
        "rate_elsewhere": measured.elsewhere,
        "shrunk_rate": measured.shrunk,
        "difference": difference,
        "low": measured.low,
        "high": measured.high,
        "rate_of_amounts": measured.rate_of_amounts,
        "robust_rate": robust,
        "robust_rate_elsewhere": robust_elsewhere,
        "p_value": np.where(is_tested, measured.p, np.nan),
    }
    return values.select(
        "value",
        measure=pl.lit(name),
        n_customers=pl.Series(measured.n_customers).cast(pl.Int64),
        n=pl.Series(measured.n).cast(pl.Int64),
        **{column: pl.Series(vector, nan_to_null=True) for column, vector in columns.items()},
        is_material=pl.Series(is_material),
        better=pl.lit(measure.better),
    )


def _of_customers(given: Values, counted: str, among: str, settings: Explaining) -> _Measured:
    k, n, all_k, all_n = _by_stratum(given, counted, among)
    rest_k, rest_n = all_k - k, all_n - n
    is_compared = (n > 0.0) & (rest_n > 0.0)
    k, n, rest_k, rest_n = (np.where(is_compared, counts, 0.0) for counts in (k, n, rest_k, rest_n))
    own_k, own_n = k.sum(axis=1), n.sum(axis=1)
    weight, rest = ratios(n, own_n[:, None]), ratios(rest_k, rest_n)
    elsewhere = _added(weight * rest)
    expected = _added(weight * ratios(k + rest_k, n + rest_n))
    spread = _added(weight**2 * ratios(rest * (1.0 - rest), rest_n))
    chance = elsewhere * (1.0 - elsewhere)
    worth = np.divide(chance, spread, out=np.where(own_n > 0.0, rest_n.sum(axis=1), 0.0), where=spread > 0.0)
    low, high = difference_interval(own_k, own_n, elsewhere * worth, worth, settings.level)
    return _Measured(
        n_customers=own_n,
        n=own_n,
        rate=ratios(own_k, own_n),
        rate_of_amounts=np.full(own_n.shape, np.nan),
        elsewhere=elsewhere,
        shrunk=shrunk_shares(own_k, own_n, expected),
        low=low,
        high=high,
        p=p_values(k, n, rest_k, rest_n),
    )


def _by_stratum(given: Values, *counts: str) -> tuple[Vector, ...]:
    """Counts by value (rows) and stratum (columns), and after them those of all customers, by stratum."""
    values = given.table["value"].drop_nulls()
    strata = given.strata.drop_nulls("value")
    row = values.search_sorted(strata["value"]).to_numpy()
    column = given.totals["stratum"].search_sorted(strata["stratum"]).to_numpy()
    tables = []
    for name in counts:
        table = np.zeros((len(values), given.totals.height))
        table[row, column] = strata[name].to_numpy()
        tables.append(table)
    return (*tables, *(vector_of(given.totals, name) for name in counts))


def _returns(values: pl.DataFrame, totals: Mapping[str, float], settings: Explaining) -> _Measured:
    pair = _pair(values, totals, "returns")
    (k, n), (rest_k, rest_n) = _independent(pair.group), _independent(pair.rest)
    bounds = difference_interval(k, n, rest_k, rest_n, settings.level)
    is_more = pair.group.ratio > 1.0  # lines come back that were sold before: no proportion
    low, high = (
        np.where(is_more, *both) for both in zip(pair.difference_interval(settings.level), bounds, strict=True)
    )
    common = np.full(n.shape, k.sum() / max(n.sum(), 1.0))
    return _Measured(
        n_customers=vector_of(values, "n_customers"),
        n=pair.group.x,
        rate=pair.group.ratio,
        rate_of_amounts=ratios(vector_of(values, "amount_returned"), vector_of(values, "amount_sold")),
        elsewhere=pair.rest.ratio,
        shrunk=shrunk_shares(k, n, common),
        low=low,
        high=high,
        p=p_values(*map(np.rint, (k, n, rest_k, rest_n))),
    )


def _independent(lines: RatioSums) -> tuple[Vector, Vector]:
    """Counts of as many independent lines as the lines are worth: k of n."""
    effect = lines.design_effect
    n = lines.x / effect
    return np.minimum(lines.y / effect, n), n


def _margin(values: pl.DataFrame, totals: Mapping[str, float], settings: Explaining) -> _Measured:
    pair, robust = _pair(values, totals, "margin"), _pair(values, totals, "robust")
    margin, revenue, n_customers = (vector_of(values, name) for name in ("margin", "revenue", "n_customers"))
    rate, elsewhere = ratios(margin, revenue), ratios(totals["margin"] - margin, totals["revenue"] - revenue)
    variance = np.where(n_customers >= settings.min_customers, pair.group.variance, np.nan)
    low, high = pair.difference_interval(settings.level)
    return _Measured(
        n_customers=n_customers,
        n=vector_of(values, "returns_x"),
        rate=rate,
        rate_of_amounts=rate,
        elsewhere=elsewhere,
        shrunk=shrunk_means(rate, variance),
        low=low,
        high=high,
        p=robust.p_values(),
        robust=(robust.group.ratio, robust.rest.ratio),
    )


def _pair(values: pl.DataFrame, totals: Mapping[str, float], ratio: str) -> Pair:
    """Sums of each value and of its complement, and of what customers have in both."""
    own = {name: vector_of(values, f"{ratio}_{name}") for name in ("y", "x", "yy", "yx", "xx", "yY", "yX", "xY", "xX")}
    rest = {name: totals[f"{ratio}_{name}"] - own[name] for name in ("y", "x")}
    rest |= {
        "yy": totals[f"{ratio}_yy"] - 2.0 * own["yY"] + own["yy"],
        "yx": totals[f"{ratio}_yx"] - own["yX"] - own["xY"] + own["yx"],
        "xx": totals[f"{ratio}_xx"] - 2.0 * own["xX"] + own["xx"],
    }
    return Pair(
        group=RatioSums(**{name: own[name] for name in ("y", "x", "yy", "yx", "xx")}),
        rest=RatioSums(**rest),
        yy=own["yY"] - own["yy"],
        yx=own["yX"] - own["yx"],
        xy=own["xY"] - own["yx"],
        xx=own["xX"] - own["xx"],
    )


def _added(terms: Vector) -> Vector:
    """Sums over strata, of those where there is something."""
    return np.where(np.isfinite(terms).any(axis=1), np.nansum(terms, axis=1), np.nan)
