"""How many rows of a side input are used, which are refused and why, and how many are of customers that are known."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.side_inputs.side_input import REFUSED, SideInput

NOBODY_KNOWN = "of customers without orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the rows.

    n_rows : all; n_used : those of customers that are known, and that nothing speaks against
    refused : the others by reason, most first
    n_customers : customers with a row that is used; n_known : customers of the orders
    """

    n_rows: int
    n_used: int
    refused: dict[str, int]
    n_customers: int
    n_known: int

    def as_record(self) -> dict[str, object]:
        """The same as plain data."""
        return {
            "rows": self.n_rows,
            "used": self.n_used,
            "refused": self.refused,
            "customers": self.n_customers,
            "customers_known": self.n_known,
        }


def tally(source: SideInput, rows: pl.LazyFrame, known: pl.LazyFrame) -> Tally:
    """Count rows.

    Parameters
    ----------
    source
        The side input, which failures name.
    rows
        Its rows, with `customer_id` and `refused`.
    known
        The customers of the orders or the result, each once, in `customer_id`.
    """
    marked = known.select(CUSTOMER, is_known=pl.lit(value=True))
    told = (
        pl.when(pl.col(REFUSED).is_not_null())
        .then(pl.col(REFUSED))
        .when(pl.col("is_known").is_null())
        .then(pl.lit(NOBODY_KNOWN))
    )
    counts = (
        rows.group_by(CUSTOMER, REFUSED)
        .agg(n=pl.len())
        .join(marked, on=CUSTOMER, how="left")
        .with_columns(why=told)
        .group_by("why")
        .agg(n=pl.col("n").sum().cast(pl.Int64), n_customers=pl.len().cast(pl.Int64))
        .sort(pl.col("n"), "why", descending=[True, False])
    )
    with source.read():
        by_reason, n_known = pl.collect_all([counts, known.select(pl.len())], engine="streaming")
    used = by_reason.filter(pl.col("why").is_null())
    n_used, n_customers = (int(used["n"].sum()), int(used["n_customers"].sum()))
    refused = {why: n for why, n, _ in by_reason.iter_rows() if why is not None}
    return Tally(
        n_rows=n_used + sum(refused.values()),
        n_used=n_used,
        refused=refused,
        n_customers=n_customers,
        n_known=int(n_known.item()),
    )
