"""Which values mark a segment: who has bought with them, and what share of purchases they are."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from whalecurve.engine.explanation.settings import Explaining
from whalecurve.engine.money import UNITS
from whalecurve.engine.statistics import Pair, RatioSums, columns_of, lift, marks_of, p_values, vector_of
from whalecurve.kernels.arrays import Vector


def segment_profile(values: pl.DataFrame, totals: Mapping[str, float], settings: Explaining) -> pl.DataFrame:
    """One row per value of a dimension, see `value_sums` and `customer_totals` for what is given.

    A value marks the segment if two things hold there more, or both less, than for the rest of the base: the share of
    customers who have bought with it, and its share of their sale lines, each by the factor `min_lift`. One alone will
    not do: who buys often has bought with more values of every kind. The p-value is the larger of the two tests', which
    is one of both holding (Berger 1982, Technometrics 24).

    Returns
    -------
    DataFrame
        value : null for lines without one, which are never tested
        customers_segment, customers_base : with a sale line with the value
        share_segment, share_base, share_rest : of the customers there; the rest is the base without the segment
        index : share_segment over share_base, the base being 100
        lift, lift_low, lift_high : share_segment over share_rest, with its interval; null where it has no bound
        line_share_segment, line_share_rest, line_lift : of the sale lines; the lift is a ratio
        value_share_segment, value_share_base, value_index : of the value; null where a total is not positive
        p_value, q_value : null where it was not tested
        marks : "more", "less", or null
    """
    base, segment = vector_of(values, "base"), vector_of(values, "segment")
    n_segment, n_rest = totals["segment"], totals["base"] - totals["segment"]
    whole, rest = np.full(base.shape, n_segment), np.full(base.shape, n_rest)
    ratio, low, high = lift(segment, whole, base - segment, rest, settings.level)
    mix = _mix(values, totals)
    line_lift = _ratio(mix.group.ratio, mix.rest.ratio)
    p = np.maximum(p_values(segment, whole, base - segment, rest), mix.p_values())
    is_value = values["value"].is_not_null().to_numpy()
    is_tested = is_value & (base >= settings.min_customers) & (n_segment > 0) & (n_rest > 0)
    least = settings.min_lift
    is_more = (ratio >= least) & (line_lift >= least)
    is_less = (ratio <= 1.0 / least) & (line_lift <= 1.0 / least)
    q, marks = marks_of(p, is_tested, is_more, is_less, settings.fdr)
    totals_of_value = value_totals(values)
    value_share = {name: vector_of(values, f"value_{name}") / UNITS / total for name, total in totals_of_value.items()}
    share_base = base / totals["base"]
    columns: dict[str, Vector] = {
        "share_segment": _ratio(segment, whole),
        "share_base": share_base,
        "share_rest": _ratio(base - segment, rest),
        "index": 100.0 * _ratio(_ratio(segment, whole), share_base),
        "lift": ratio,
        "lift_low": low,
        "lift_high": high,
        "line_share_segment": mix.group.ratio,
        "line_share_rest": mix.rest.ratio,
        "line_lift": line_lift,
        "value_share_segment": value_share["segment"],
        "value_share_base": value_share["base"],
        "value_index": 100.0 * _ratio(value_share["segment"], value_share["base"]),
        "p_value": np.where(is_tested, p, np.nan),
        "q_value": q,
    }
    return values.select(
        "value",
        customers_segment="segment",
        customers_base="base",
        **columns_of(columns),
        marks=marks,
    )


def value_totals(values: pl.DataFrame) -> dict[str, float]:
    """Value of the segment and of the base in currency; NaN where it is not positive, and there are no shares of it."""
    sums = {name: int(values[f"value_{name}"].sum()) / UNITS for name in ("segment", "base")}
    return {name: total if total > 0.0 else float("nan") for name, total in sums.items()}


def _mix(values: pl.DataFrame, totals: Mapping[str, float]) -> Pair:
    """Sale lines with each value among all sale lines, in the segment and in the rest; nobody is in both."""
    segment = {name: vector_of(values, f"segment_mix_{name}") for name in ("y", "yy", "yx")}
    rest = {name: vector_of(values, f"mix_{name}") - sums for name, sums in segment.items()}
    zero = np.zeros(values.height)
    for name in ("x", "xx"):
        segment[name] = zero + totals[f"segment_mix_{name}"]
        rest[name] = zero + totals[f"mix_{name}"] - segment[name]
    return Pair(group=RatioSums(**segment), rest=RatioSums(**rest), yy=zero, yx=zero, xy=zero, xx=zero)


def _ratio(a: Vector, b: Vector) -> Vector:
    """Where the second is positive; NaN else, but infinite where something is set against nothing."""
    nothing = np.where((b == 0.0) & (a > 0.0), np.inf, np.nan)
    ratio: Vector = np.divide(a, b, out=nothing, where=b > 0.0)
    return ratio
