r"""What is usual for a customer among several values, drawn towards what is usual for everybody.

Of n purchases of a customer k_v are of the value v. Customers' own shares have a Dirichlet distribution with the mean p
of everybody and the strength M, so that a customer's share of v is expected to be (k_v + M p_v) / (n + M), of which
n / (n + M) is their own. M = 1/ρ - 1 comes of the chance that two purchases of one customer are of the same value,
which is Σp² + ρ (1 - Σp²): by moments, a customer counting with the number of their purchases.

.. math:: \hat\rho = \frac{\sum_c \sum_v k_v (k_v - 1) / (n - 1) \,/\, \sum_c n - \sum p^2}{1 - \sum p^2}
"""

import math
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from whalecurve.kernels.arrays import Vector

CUSTOMER, VALUE, TIMES = "customer_id", "value", "times"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Everybody:
    """What is usual: value and share, most usual first; and the strength M, infinite where customers are all alike."""

    shares: pl.DataFrame
    strength: float

    def usual(self, counts: pl.DataFrame, name: str) -> pl.DataFrame:
        """The likeliest value of each customer, its expected share, and how much of that is their own.

        Parameters
        ----------
        counts
            customer_id, value, times; a row for each value that a customer has.
        name
            Of the columns: customer_id, NAME, NAME_share, NAME_confidence.
        """
        most = self.shares.head(1).select(VALUE)
        n = counts.group_by(CUSTOMER).agg(n=pl.col(TIMES).sum())
        unbought = n.select(CUSTOMER).join(most, how="cross").join(counts, on=[CUSTOMER, VALUE], how="anti")
        every = pl.concat(
            [counts.select(CUSTOMER, VALUE, TIMES), unbought.with_columns(pl.lit(0, pl.Int64).alias(TIMES))]
        )
        placed = every.join(self.shares, on=VALUE, how="left").join(n, on=CUSTOMER, how="left")
        expected = placed.with_columns(own=self._own(pl.col("n")))
        share = pl.col("own") * pl.col(TIMES) / pl.col("n") + (1.0 - pl.col("own")) * pl.col("share")
        ranked = expected.with_columns(expected=share).sort(
            CUSTOMER, pl.col("expected"), "share", VALUE, descending=[False, True, True, False], nulls_last=True
        )
        best = ranked.unique(CUSTOMER, keep="first", maintain_order=True)
        columns = {name: VALUE, f"{name}_share": "expected", f"{name}_confidence": "own"}
        return best.select(CUSTOMER, **{new: pl.col(old) for new, old in columns.items()})

    def rate(self, k: pl.Expr, n: pl.Expr) -> pl.Expr:
        """The expected share of the value `True` of a customer with k of n."""
        usual = dict(self.shares.select(VALUE, "share").iter_rows()).get(True, 0.0)
        own = self._own(n)
        return pl.when(n > 0).then(own * k / n + (1.0 - own) * usual)

    def _own(self, n: pl.Expr) -> pl.Expr:
        if math.isinf(self.strength):
            return pl.lit(0.0)
        return n / (n + self.strength)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "shares": {str(value): share for value, share in self.shares.select(VALUE, "share").iter_rows()},
            "strength": None if math.isinf(self.strength) else self.strength,
        }


class Gathering:
    """Counts of customers, share by share, as sums: what `Everybody` comes of, in whatever order."""

    def __init__(self) -> None:
        self._totals: list[pl.DataFrame] = []
        self._alike: list[Vector] = []
        self._n = 0

    def add(self, counts: pl.DataFrame) -> None:
        """Take customer_id, value, times of some customers, all of each one's."""
        self._totals.append(counts.group_by(VALUE).agg(pl.col(TIMES).sum()))
        k = pl.col(TIMES)
        own = counts.group_by(CUSTOMER).agg(n=k.sum(), same=(k * (k - 1)).sum()).filter(pl.col("n") > 1)
        n, same = own["n"].to_numpy(), own["same"].to_numpy()
        self._alike.append(same / (n - 1))
        self._n += int(n.sum())

    @property
    def is_any(self) -> bool:
        """Whether anything was counted."""
        return any(not totals.is_empty() for totals in self._totals)

    def everybody(self) -> Everybody:
        """What is usual."""
        totals = pl.concat(self._totals).group_by(VALUE).agg(pl.col(TIMES).sum())
        total = int(totals[TIMES].sum())
        shares = totals.with_columns(share=pl.col(TIMES) / max(total, 1)).sort(-pl.col(TIMES), VALUE)
        chance = math.fsum(shares["share"] ** 2)
        room = 1.0 - chance
        if self._n == 0 or room <= 0.0:
            return Everybody(shares=shares.select(VALUE, "share"), strength=math.inf)
        rho = min(max((math.fsum(chain.from_iterable(self._alike)) / self._n - chance) / room, 0.0), 1.0)
        strength = math.inf if rho == 0.0 else 1.0 / rho - 1.0
        return Everybody(shares=shares.select(VALUE, "share"), strength=strength)
