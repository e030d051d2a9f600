"""Groups that customers are fitted by: the year of their first purchase, or a dimension of their first order."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.models.grouped import Membership
from whalecurve.engine.orders import failures_named, first_order_lines, value_of_first_order
from whalecurve.engine.runtime import Budget
from whalecurve.engine.scoring.job import COHORT, Job
from whalecurve.engine.store import Totals, summary_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouped:
    """All customers, in the order of their ids, and their groups; -1 for those without a purchase."""

    ids: pl.Series
    membership: Membership

    @property
    def buyers(self) -> Membership:
        """Of the customers with a purchase alone, in their order."""
        return self.membership.of((self.membership.codes >= 0).nonzero()[0])


def grouped(job: Job, totals: Totals, budget: Budget) -> Grouped | None:
    """The groups of all customers; None where none are asked for. Dimensions are read from the orders once more.

    Raises
    ------
    InputError
        More groups than can be fitted.
    """
    by = job.scoring.fit_by
    if by is None or job.old is not None:
        return None
    customers = summary_of(totals, job.value).select(
        "customer_id", "frequency", "first_purchase", first_day=pl.col("first_purchase").to_physical().cast(pl.Int32)
    )
    every = customers.collect(engine="streaming")
    bought = every.drop_nulls("frequency")
    if by == COHORT:
        values, n_several = bought["first_purchase"].dt.year().cast(pl.String), 0
    else:
        values, n_several = _of_first_orders(job, totals, bought, budget, by)
    mine = Membership.named(by, values, n_several)
    codes = pl.DataFrame({"customer_id": bought["customer_id"], "code": mine.codes})
    of_all = every.join(codes, on="customer_id", how="left", maintain_order="left")["code"].fill_null(-1).to_numpy()
    membership = Membership(by=by, names=mine.names, codes=of_all, n_several=n_several)
    return Grouped(ids=every["customer_id"], membership=membership)


def _of_first_orders(job: Job, totals: Totals, bought: pl.DataFrame, budget: Budget, by: str) -> tuple[pl.Series, int]:
    """The value on the first order of each customer, null for none or several; and how many have several."""
    orders, window, parts = job.dimensions, totals.audit.window, []
    assert orders is not None, "a job that is fitted by a dimension has opened it"
    for share in shares_of(budget.now.passes(totals.audit.n_used)):
        mine = share.of(bought.select("customer_id", "first_day"))
        with failures_named(orders):
            lines = first_order_lines(orders, window, mine.lazy(), [by])
        parts.append(value_of_first_order(lines, orders, by))
    found = bought.select("customer_id").join(pl.concat(parts), on="customer_id", how="left", maintain_order="left")
    return found["value"], int((found["n_values"] > 1).sum())
