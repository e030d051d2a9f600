"""What a simulated log was drawn from, a row a customer: the ground of the files beside the orders."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.lib.recfunctions import repack_fields

from whalecurve.engine.simulation import catalogue
from whalecurve.engine.simulation.files import customer_ids
from whalecurve.kernels.simulation import Records

FIELDS = ["number", "rate", "dropout", "death", "spend_rate", "city", "campaign"]
FAR_DAYS = 1_000_000
"""Who leaves later than so many days from the first does not leave: the calendar ends before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A log that has been drawn and written.

    customers : a row each, in the order of their numbers: customer_id as in the orders, first_day (Date of the first
        order), purchase_rate (orders a day while active), dropout (probability of leaving after a repeat order; 0 with
        Pareto/NBD), active_until (Date of leaving; null with BG/NBD), mean_order (expected amount of an order), city,
        campaign; all without a treatment
    orders : the directory of the order files, in the order of time
    first_day, last_day : of the log, both included
    ids : kind of the ids of customers, "integer" or "string"
    is_planted : whether facts are planted
    """

    customers: pl.DataFrame
    orders: Path
    first_day: date
    last_day: date
    ids: str
    seed: int
    is_planted: bool

    def generator(self, word: str) -> np.random.Generator:
        """Random numbers of one file beside the orders: the same for the same seed, whatever else is written."""
        return np.random.default_rng([self.seed, *word.encode()])


@dataclass(slots=True)
class Acquired:
    """What is drawn of customers as they come, some 40 bytes each."""

    days: list[Records] = field(default_factory=list)

    def add(self, newcomers: Records) -> None:
        """Take the customers of the next day, before anything has happened to them."""
        self.days.append(repack_fields(newcomers[FIELDS]))

    def table(self, *, ids: str, start: date, p: float) -> pl.DataFrame:
        """The customers as `Drawn` has them.

        Parameters
        ----------
        ids
            Kind of their ids.
        start
            The first day of the log.
        p
            Shape of the gamma that the amounts of orders are drawn from.
        """
        drawn = np.concatenate(self.days)
        came = np.repeat(np.arange(len(self.days)), [len(day) for day in self.days])
        first = pl.lit(start)
        table = pl.DataFrame(
            {
                "customer_id": pl.Series(customer_ids(np.ascontiguousarray(drawn["number"]), ids)),
                "came": came,
                "death": np.ascontiguousarray(drawn["death"]),
                "purchase_rate": np.ascontiguousarray(drawn["rate"]),
                "dropout": np.ascontiguousarray(drawn["dropout"]),
                "mean_order": p / np.ascontiguousarray(drawn["spend_rate"]),
                "city": pl.Series(list(catalogue.CITIES)).gather(drawn["city"].astype(np.int64)),
                "campaign": pl.Series(list(catalogue.CAMPAIGNS)).gather(drawn["campaign"].astype(np.int64)),
            }
        )
        leaves = pl.when(pl.col("death") < FAR_DAYS).then(pl.col("death").floor())
        return table.select(
            "customer_id",
            first_day=first + pl.duration(days=pl.col("came")),
            purchase_rate="purchase_rate",
            dropout="dropout",
            active_until=first + pl.duration(days=leaves.cast(pl.Int64)),
            mean_order="mean_order",
            city="city",
            campaign="campaign",
        )
