"""Whether a log begins in the middle of its customers' lives, so that those first seen early are no new ones."""

import numpy as np
import polars as pl

from whalecurve.engine.measures.settings import ALL
from whalecurve.engine.statistics import difference_interval

EARLY_MONTHS = 3
LEAST_OBSERVED = 30
"""Customers on either side from which on they are compared."""
MORE_ARRIVALS = 1.5
MORE_BACK = 0.05
"""By so much the share that comes back is greater at the start, with certainty."""
NEARLY_ALL, MOST = 0.8, 0.5
"""Where so many of the first come back, who are so many of all, there is nobody to compare them with."""


def old_customers_note(stickiness: pl.DataFrame, level: float) -> list[str]:
    """A note, or none, from the customers by month of first purchase, see `stickiness_table`.

    Old customers give themselves away: in the first three months half as many again arrive in a month as later,
    and clearly more of them come back; or nearly all that there are arrive then, and nearly all come back.
    """
    months = stickiness.filter(scheme=ALL, group=ALL, by="first_month").sort("value")
    early, later = months[:EARLY_MONTHS], months[EARLY_MONTHS:].filter(pl.col("observed") > 0)
    (n, back), (n_later, back_later) = (
        (int(part["observed"].sum()), int(part["back"].sum())) for part in (early, later)
    )
    if n < LEAST_OBSERVED:
        return []
    share = back / n
    said = f"{share:.1%} of the {n:,} customers first seen in the first {EARLY_MONTHS} months came back within 90 days"
    why = (
        ": the log seems to begin in the middle of its customers' lives; customers who are old then count as new, with "
        "too short an age and fewer purchases than they have made"
    )
    if share >= NEARLY_ALL and float(early["new"].sum()) >= MOST * float(months["new"].sum()):
        return [said + why]
    if n_later < LEAST_OBSERVED:
        return []
    k1, n1, k2, n2 = (np.array([float(number)]) for number in (back, n, back_later, n_later))
    least = float(difference_interval(k1, n1, k2, n2, level)[0][0])
    arrivals, arrivals_later = (float(part["new"].sum()) / part.height for part in (early, later))
    if arrivals >= MORE_ARRIVALS * arrivals_later and least > MORE_BACK:
        return [f"{said}, {back_later / n_later:.1%} of the {n_later:,} later ones{why}"]
    return []
