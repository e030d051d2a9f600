"""How long until the next purchase: gaps between purchase days, closed and still open."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.profiling.sums import sums_of
from whalecurve.engine.statistics import Survival, kaplan_meier

BUCKETS = {7: "1-7 days", 14: "8-14 days", 30: "15-30 days", 60: "31-60 days", 90: "61-90 days", 180: "91-180 days"}
BEYOND = "181 days and more"
"""Names of gaps of up to so many days."""

QUANTILES = (0.25, 0.5, 0.75)
WITHIN = (30, 60, 90, 180, 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Gaps of the customers.

    lengths : days, is_open, in_segment, n : how many gaps there are of a length; an open one goes from the last
        purchase day to the last day observed
    buckets : sums of closed gaps by bucket, see `profile_sums`: value, in_segment, n_gaps, gaps_y, gaps_yy, gaps_yx
    """

    lengths: pl.DataFrame
    buckets: pl.DataFrame

    def __add__(self, other: "Gaps") -> "Gaps":
        """Those of other customers as well."""
        lengths, buckets = pl.concat([self.lengths, other.lengths]), pl.concat([self.buckets, other.buckets])
        return Gaps(
            lengths=lengths.group_by("days", "is_open", "in_segment").agg(pl.col("n").sum()),
            buckets=buckets.group_by("value", "in_segment").agg(pl.exclude("value", "in_segment").sum()),
        )


def gaps_of(days: pl.DataFrame, customers: pl.DataFrame, as_of: int) -> Gaps:
    """The gaps of some customers.

    Parameters
    ----------
    days
        customer_id, day: purchase days (Int32 since 1970), sorted.
    customers
        customer_id, in_segment.
    as_of
        The last day observed.
    """
    has_next = (pl.col("customer_id") == pl.col("customer_id").shift(-1)).fill_null(value=False)
    until = pl.when(has_next).then(pl.col("day").shift(-1)).otherwise(as_of)
    every = days.select("customer_id", days=until - pl.col("day"), is_open=~has_next)
    gaps = every.join(customers, on="customer_id", how="inner")
    lengths = gaps.group_by("days", "is_open", "in_segment").agg(n=pl.len().cast(pl.Int64))
    closed = gaps.filter(~pl.col("is_open")).group_by("customer_id", "in_segment", value=_bucket())
    own = closed.agg(y=pl.len().cast(pl.Int64)).with_columns(x=pl.col("y").sum().over("customer_id"))
    sums = sums_of("gaps", pl.col("y"), pl.col("x"))
    buckets = own.group_by("value", "in_segment").agg(n_gaps=pl.len().cast(pl.Int64), **sums)
    return Gaps(lengths=lengths, buckets=buckets)


def _bucket() -> pl.Expr:
    names = [*BUCKETS.values(), BEYOND]
    days = pl.col("days")
    place = pl.sum_horizontal((days > last).cast(pl.Int16) for last in BUCKETS)
    return pl.lit(pl.Series(names, dtype=pl.Enum(names))).gather(place)  # sorts by length


def gap_curve(lengths: pl.DataFrame) -> Survival:
    """Kaplan-Meier over gaps counted by length, see `Gaps`."""
    is_open, days = lengths["is_open"].cast(pl.Int64).to_numpy(), lengths["days"].to_numpy()
    counts = np.zeros((2, int(days.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(counts, (is_open, days), lengths["n"].to_numpy())
    return kaplan_meier(counts[0], counts[1])


def timing(lengths: pl.DataFrame) -> dict[str, dict[str, float | None]]:
    """When a purchase follows a purchase: quantiles in days, and shares within so many days.

    The product-limit estimate (Kaplan & Meier 1958, JASA 53) over all gaps, so that the silence since the last purchase
    counts as what it is, a gap that is not over. Null for a quantile that is not reached: more customers than that have
    not come back for as long as anybody was observed. The gaps of one customer weigh as many times as there are.

    Returns
    -------
    {"quantiles": {"0.5": days, ...}, "within": {"30": share, ...}}
    """
    curve = gap_curve(lengths)
    quantiles = {share: curve.quantile(share) for share in QUANTILES}
    return {
        "quantiles": {str(share): None if days is None else float(days) for share, days in quantiles.items()},
        "within": {str(span): curve.share_within(span) for span in WITHIN},
    }
