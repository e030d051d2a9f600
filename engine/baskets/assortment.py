"""What the customers of each segment buy of all that there is, against all customers, and what they never bought."""

import numpy as np
import polars as pl

from whalecurve.engine.baskets.coded_share import CodedShare, by_basket
from whalecurve.engine.baskets.items import Level
from whalecurve.engine.baskets.settings import Basketing
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.engine.segments import LABELS
from whalecurve.engine.statistics import (
    Pair,
    RatioSums,
    columns_of,
    lift,
    marks_of,
    p_values,
    ratios,
    vector_of,
)
from whalecurve.kernels.arrays import Vector

SEGMENT = "segment"
WHOLE = pl.Int128


def segments_of(result: Result) -> pl.DataFrame:
    """customer_id and the RFM segment, of the customers of a result with a purchase."""
    column = LABELS["rfm"]
    own = result.take(CUSTOMER, column).select(CUSTOMER, pl.col(column).cast(pl.String).alias(SEGMENT))
    return own.drop_nulls(SEGMENT).collect(engine="streaming")


def assortment_of(
    shares: tuple[CodedShare, ...], level: Level, segments: pl.DataFrame, asked: Basketing
) -> tuple[pl.DataFrame, int]:
    """One row per segment and item of the level; and how many customers with a basket are in no segment.

    As in `explain`, an item marks a segment if two things hold there more, or both less, than for the rest, each by
    `min_lift`: the share of customers who have bought it, and its share of what is in their baskets. One alone will not
    do: who buys often has bought more of everything. The p-value is the larger of the two tests', which is one of both
    holding (Berger 1982, Technometrics 24).
    """
    parts, wholes, n_nowhere = [], [], 0
    for share in shares:
        own, totals, n_unknown = _sums(share, level, segments)
        parts.append(own)
        wholes.append(totals)
        n_nowhere += n_unknown
    keys = (SEGMENT, "code")
    sums = pl.concat(parts).group_by(keys).agg(pl.exclude(keys).sum())
    whole = pl.concat(wholes).group_by(SEGMENT).agg(pl.exclude(SEGMENT).sum()).sort(SEGMENT)
    every = pl.DataFrame({"code": pl.int_range(level.n, dtype=pl.Int32, eager=True), "item": level.names})
    grid = whole.select(SEGMENT).join(every, how="cross").join(sums, on=keys, how="left", maintain_order="left")
    grid = grid.with_columns(pl.col("n", "y", "yy", "yx").fill_null(0)).join(
        whole.rename({"n": "members"}), on=SEGMENT, how="left", maintain_order="left"
    )
    base = whole.select(pl.col("n", "x", "xx").sum()).row(0, named=True)
    return _tested(grid, base, asked), n_nowhere


def _sums(share: CodedShare, level: Level, segments: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """By segment and item: n customers who bought it, and sums over them of baskets with it; by segment the wholes."""
    groups = by_basket(share, level)
    owners = np.repeat(np.arange(share.ids.len()), np.diff(groups.starts[groups.customers]))
    customers = pl.DataFrame({CUSTOMER: share.ids}).with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    placed = customers.join(segments, on=CUSTOMER, how="left", maintain_order="left")
    bought = pl.DataFrame({"at": owners, "code": groups.items}).group_by("at", "code").agg(y=pl.len().cast(pl.Int64))
    x = bought.group_by("at").agg(x=pl.col("y").sum())
    known = placed.join(x, on="at", how="left").with_columns(pl.col("x").fill_null(0)).drop_nulls(SEGMENT)
    y, weight = pl.col("y").cast(WHOLE), pl.col("x").cast(WHOLE)
    own = (
        bought.join(known, on="at", how="inner")
        .group_by(SEGMENT, "code")
        .agg(n=pl.len().cast(pl.Int64), y=y.sum(), yy=(y * y).sum(), yx=(y * weight).sum())
    )
    totals = known.group_by(SEGMENT).agg(n=pl.len().cast(pl.Int64), x=weight.sum(), xx=(weight * weight).sum())
    return own, totals, placed[SEGMENT].null_count()


def _tested(grid: pl.DataFrame, base: dict[str, int], asked: Basketing) -> pl.DataFrame:
    sums = {name: vector_of(grid, name) for name in ("n", "y", "yy", "yx", "members", "x", "xx")}
    of_all = grid.group_by("code").agg(pl.col("n", "y", "yy", "yx").sum())
    totals = grid.select("code").join(of_all, on="code", how="left", maintain_order="left")
    everybody = {name: vector_of(totals, name) for name in ("n", "y", "yy", "yx")}
    n_base, whole = float(base["n"]), np.ones(grid.height)
    n_rest, k_rest = n_base - sums["members"], everybody["n"] - sums["n"]
    ratio, low, high = lift(sums["n"], sums["members"], k_rest, n_rest, asked.level)
    mix = _mix(sums, everybody, base)
    line_lift = ratios(mix.group.ratio, mix.rest.ratio)
    p = np.maximum(p_values(sums["n"], sums["members"], k_rest, n_rest), mix.p_values())
    is_tested = (everybody["n"] >= asked.min_customers) & (sums["members"] >= asked.min_customers) & (n_rest > 0.0)
    least = asked.min_lift
    is_more = (ratio >= least) & (line_lift >= least)
    is_less = (ratio <= 1.0 / least) & (line_lift <= 1.0 / least)
    q, marks = marks_of(p, is_tested, is_more, is_less, asked.fdr)
    own, share_base = ratios(sums["n"], sums["members"]), ratios(everybody["n"], whole * n_base)
    part = sums["members"] / n_base
    columns: dict[str, Vector] = {
        "share": own,
        "share_of_all": share_base,
        "index": 100.0 * ratios(own, share_base),
        "index_low": 100.0 * _against_all(low, part),
        "index_high": 100.0 * _against_all(high, part),
        "never_bought": 1.0 - own,
        "basket_share": mix.group.ratio,
        "basket_share_of_rest": mix.rest.ratio,
        "p_value": np.where(is_tested, p, np.nan),
        "q_value": q,
    }
    return grid.select(
        SEGMENT, "item", members=pl.col("members").cast(pl.Int64), customers="n", **columns_of(columns), marks=marks
    )


def _against_all(lift_of_rest: Vector, part: Vector) -> Vector:
    """A share over that of the rest, as one over that of all, the segment being this part of them."""
    finite = np.where(np.isfinite(lift_of_rest), lift_of_rest, np.nan)
    return np.where(np.isinf(lift_of_rest), 1.0 / part, finite / (part * finite + (1.0 - part)))


def _mix(sums: dict[str, Vector], everybody: dict[str, Vector], base: dict[str, int]) -> Pair:
    """Baskets with each item, among all items of baskets, in the segment and in the rest; nobody is in both."""
    zero = np.zeros(sums["y"].size)
    group = RatioSums(y=sums["y"], x=sums["x"], yy=sums["yy"], yx=sums["yx"], xx=sums["xx"])
    rest = RatioSums(
        y=everybody["y"] - sums["y"], x=float(base["x"]) - sums["x"], yy=everybody["yy"] - sums["yy"],
        yx=everybody["yx"] - sums["yx"], xx=float(base["xx"]) - sums["xx"],
    )  # fmt: skip
    return Pair(group=group, rest=rest, yy=zero, yx=zero, xy=zero, xx=zero)
