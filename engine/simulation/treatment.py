"""A planted effect: some customers buy more often, or for more, during some days, as if something had worked on them.

Inter-purchase times are exponential, so a rate that changes on a day is exactly a wait from that day on that is shorter
by the factor. Those who are not treated have the very log that they have without, and so has who comes after the
first day.

Who is treated is read from a file, or follows from the hash of the customer, by the rule of `experiment assign`: then
an experiment of that name finds its arm treated, whichever customers it takes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.experiments import Slice, first_place, places_of
from whalecurve.engine.order_files import Paths, open_customer_file
from whalecurve.engine.simulation.files import customer_ids
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.simulation import Records

CUSTOMER, ARM = "customer_id", "arm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Who is treated, when, and what it does: the settings `treat...` of a simulation.

    file : of customers, with `customer_id` and, where not all of it are treated, `arm`; None where a hash decides
    part : the customers whose places by a name lie in it, see `experiments.buckets`; None where a file says who
    arm : the arm of the file that is treated; None: all customers of the file
    start, days : first day and number of days
    purchase_rate : by what the rate of orders is multiplied (BG/NBD alone: leaving goes with orders)
    spend : by what amounts of orders are multiplied
    """

    start: date
    file: str | None = None
    part: Slice | None = None
    arm: str | None = None
    days: int = 28
    purchase_rate: float = 1.0
    spend: float = 1.0

    def __post_init__(self) -> None:
        if self.days < 1:
            raise InputError(f"{setting('treat_days', self.days)} is too short; choose at least 1")
        for name, factor in (("treat_rate", self.purchase_rate), ("treat_spend", self.spend)):
            if not 0.01 <= factor <= 100.0:
                raise InputError(
                    f"{setting(name, factor)} is out of range; choose 0.01 to 100, as 1.1 for a tenth more"
                )
        if self.part is not None and self.arm is not None:
            raise InputError(f"{setting('treat_arm', self.arm)} is of a file; leave it out")

    @property
    def last_day(self) -> date:
        """The last day of the effect."""
        return self.start + timedelta(days=self.days - 1)

    def described(self, n_customers: int) -> dict[str, Any]:
        """What `truth.json` says of it."""
        return {
            "file": self.file,
            "part": None if self.part is None else str(self.part),
            "arm": self.arm,
            "customers": n_customers,
            "first_day": self.start.isoformat(),
            "last_day": self.last_day.isoformat(),
            "purchase_rate": self.purchase_rate,
            "spend": self.spend,
            "meaning": "from the first day to the last, treated customers order at `purchase_rate` times their rate, "
            "and their orders have `spend` times the amount",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """Treated customers by number, bool[customers], and the days of the log from and up to (without) which they are."""

    is_treated: NDArray[np.bool_]
    first: int
    end: int
    purchase_rate: float
    spend: float

    def applied(self, day: int, customers: Records, next_order: Vector, n_active: int) -> None:
        """Turn the effect on or off, in place, where it begins or ends with this day."""
        if day not in (self.first, self.end):
            return
        rate, spend = (
            (self.purchase_rate, self.spend) if day == self.first else (1 / self.purchase_rate, 1 / self.spend)
        )
        rows = np.flatnonzero(self.is_treated[customers["number"][:n_active]])
        customers["rate"][rows] *= rate
        customers["spend_rate"][rows] /= spend
        next_order[rows] = day + (next_order[rows] - day) / rate

    def horizon(self, end: int) -> int:
        """The day up to which orders are to be kept waiting: with a higher rate some beyond the log come into it."""
        return max(end, self.first + int(np.ceil(max(self.purchase_rate, 1.0) * (end - self.first))) + 1)


def treated_customers(treatment: Treatment, *, first_number: list[int], ids: str, start: date) -> Treated:
    """Find who is treated: of the customers of the file, or of the part, those who have come by the first day.

    first_number : number of the first customer of each day, and as the last entry how many there are.

    Raises
    ------
    InputError
        A file that cannot be read, no such arm, ids that the log does not have, days that it does not have.
    """
    first, days, n_customers = (treatment.start - start).days, len(first_number) - 1, first_number[-1]
    if not 0 <= first < days:
        raise InputError(
            f"{setting('treat_from', treatment.start)}: the log has the {days} days from {start}; choose one of them"
        )
    is_treated = np.zeros(n_customers, dtype=np.bool_)
    n_there = first_number[first + 1]
    if treatment.part is not None:
        is_treated[:n_there] = _is_in(treatment.part, n_there, ids)
    else:
        numbers = _numbers(treatment, ids, n_customers)
        is_treated[numbers[numbers < n_there]] = True
    return Treated(
        is_treated=is_treated,
        first=first,
        end=first + treatment.days,
        purchase_rate=treatment.purchase_rate,
        spend=treatment.spend,
    )


def _is_in(part: Slice, n: int, ids: str) -> NDArray[np.bool_]:
    """Which of the first n customers have places in a part."""
    called = pl.from_arrow(customer_ids(np.arange(n, dtype=np.int64), ids))
    assert isinstance(called, pl.Series), "one array makes one series"
    places = places_of(called, part.layer)
    return (places >= first_place(part.low)) & (places < first_place(part.high))


def _numbers(treatment: Treatment, ids: str, n_customers: int) -> NDArray[np.int64]:
    """Numbers, from 0, of the treated of a file."""
    assert treatment.file is not None, "called where there is one"
    source: Paths = treatment.file
    file = open_customer_file(source, CUSTOMER, "customer")
    if treatment.arm is not None and ARM not in file.attributes:
        raise InputError(f"{file.place}: no column {ARM}; leave out {setting('treat_arm')}, or name another file")
    dtype = pl.Int64() if ids == "integer" else pl.String()
    rows = file.ids_as(dtype, "customer", [ARM] if treatment.arm is not None else None)
    with file.read():
        table = rows.collect()
    if treatment.arm is not None:
        arms = sorted(str(arm) for arm in table[ARM].drop_nulls().unique())
        table = table.filter(pl.col(ARM) == treatment.arm)
        if table.is_empty():
            raise InputError(f'{setting("treat_arm")} "{treatment.arm}": {file.place} has {listed(arms)}')
    called = table[CUSTOMER]
    if ids != "integer":
        called = called.str.strip_prefix("C").cast(pl.Int64, strict=False).fill_null(0)
    numbers: NDArray[np.int64] = called.to_numpy().astype(np.int64) - 1
    if numbers.size == 0 or numbers.min() < 0 or numbers.max() >= n_customers:
        raise InputError(
            f"{setting('treat', treatment.file)}: has customers that the log of {n_customers:,} does not have; name a "
            f"file made of the same simulation"
        )
    return numbers
