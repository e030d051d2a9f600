"""What clusters are made of, and how many there may be."""

from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import check_lists, check_share, whole

RFM = ("days_since_last", "n_purchase_days", "value")
"""Columns of recency, frequency and value, which clusters are always made of."""

MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """How customers are divided.

    columns : numbers of a result that clusters are made of beside recency, frequency and value
    k : the least and the greatest number of clusters that are tried
    min_stability : adjusted Rand index between resamples from which on a number of clusters is stable
    min_excess : by how much it has to be above that of customers without any clusters
    resamples : how many there are of each number
    seed : of what is drawn
    """

    columns: tuple[str, ...] = ()
    k: tuple[int, int] = (2, 8)
    min_stability: float = 0.75
    min_excess: float = 0.1
    resamples: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        check_lists(self, "columns", "k")
        if len(self.k) != 2 or not 2 <= self.k[0] <= self.k[1] <= MOST:
            text = "-".join(map(str, self.k))
            raise InputError(f"{setting('k', text)} is out of range; give two numbers from 2 to {MOST}, as 2-8")
        for name in ("min_stability", "min_excess"):
            check_share(name, getattr(self, name), "0.75", with_one=True)
        whole("resamples", self.resamples, 2, 100, "8")
        whole("seed", self.seed, 0, 2**32 - 1, "0")
        if taken := [name for name in self.columns if name in RFM]:
            raise InputError(f'{setting("columns")} "{taken[0]}" is one of those that clusters are always made of')

    @property
    def every_column(self) -> tuple[str, ...]:
        """All columns, recency, frequency and value first."""
        return (*RFM, *self.columns)
