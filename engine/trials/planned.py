"""What was fixed before an experiment began: reading it asks nothing that could be chosen after the fact."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.experiments import ASSIGNMENT, Entry, Record, read_experiment, scan_assignment
from whalecurve.engine.publication import CUSTOMER

METRICS = {"margin": "margin", "revenue": "revenue", "orders": "orders", "conversion": "bought"}
"""The sum that each metric is."""

HOLDOUT = "holdout"
"""An arm of this name is compared with nothing, as is the universal holdout, whose customers are in no arm."""

UNIVERSAL = "(universal holdout)"
"""What those are called who no experiment has."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planned:
    """An experiment as it was planned.

    name, hypothesis : what it is called, and what it is to show
    arms : the arms that are compared, the control first, with the share of the customers that each was to have
    holdout : arms that are compared with nothing
    metric, value : the sum that decides, of `METRICS`; margin or revenue, in which customers are valued
    start, days : first day, and the days of the outcome of each customer
    entry : "together": all are there on the first day; "rolling": they enter one after the other
    looks : days after which it is read, the last one `days`; one: it is read once
    alpha, power, effect : error, power, and the relative effect that was planned for, if any
    cap : quantile of the days before at which the metric is capped for the test; None: it is not
    assigned_from : last day that was known when the first arms were assigned
    customers : customer_id, arm, stratum, entered and known_until (Date), value, clv
    """

    name: str
    hypothesis: str | None
    arms: dict[str, float]
    holdout: tuple[str, ...]
    metric: str
    value: str
    start: date
    days: int
    entry: Entry
    looks: tuple[int, ...]
    alpha: float
    power: float
    effect: float | None
    cap: float | None
    assigned_from: date
    customers: pl.DataFrame

    @property
    def control(self) -> str:
        """The arm that the others are compared with."""
        return next(iter(self.arms))

    @property
    def treated(self) -> tuple[str, ...]:
        """The other arms, in their order."""
        return tuple(self.arms)[1:]

    @property
    def is_sequential(self) -> bool:
        """Whether it is read more than once."""
        return self.entry == "together" and len(self.looks) > 1

    def day_after(self, days: int) -> date:
        """The last of so many days from the start."""
        return self.start + timedelta(days=days - 1)


def open_planned(directory: str | Path) -> Planned:
    """The experiment in a directory, its plan and its assignment held against each other.

    Raises
    ------
    InputError
        No experiment, or files of it that were changed.
    """
    record = read_experiment(directory)
    rows = scan_assignment(directory).collect()
    _check(rows, record, Path(directory) / ASSIGNMENT)
    design = record.design
    assert design.metric is not None, "a record has resolved it"
    others = [arm for arm in record.arms if arm.name != record.control and arm.name.casefold() != HOLDOUT]
    shares = {arm.name: float(arm.share) for arm in record.arms}
    return Planned(
        name=record.name,
        hypothesis=design.hypothesis,
        arms={name: shares[name] for name in (record.control, *(arm.name for arm in others))},
        holdout=tuple(arm.name for arm in record.arms if arm.name.casefold() == HOLDOUT),
        metric=METRICS[design.metric],
        value=record.value,
        start=record.started,
        days=design.days,
        entry=design.entry,
        looks=tuple(sorted({ceil(design.days * (k + 1) / design.looks) for k in range(design.looks)})),
        alpha=design.alpha,
        power=design.power,
        effect=design.effect,
        cap=None if design.cap == 1.0 else design.cap,
        assigned_from=record.waves[0].as_of,
        customers=_customers(rows, record),
    )


def _check(rows: pl.DataFrame, record: Record, place: Path) -> None:
    """Raise InputError where the file is not what was assigned."""
    n_twice = rows.height - rows[CUSTOMER].n_unique()
    if n_twice:
        again = rows.filter(pl.col(CUSTOMER).is_duplicated()).group_by(CUSTOMER).agg(pl.col("arm").n_unique())
        n_arms = again.filter(pl.col("arm") > 1).height
        in_two = f", {n_arms:,} of them in two arms" if n_arms else ""
        raise InputError(
            f"{place}: {n_twice:,} of {rows.height:,} rows are of customers who come again{in_two}; restore the file"
        )
    counts = dict(rows.drop_nulls("arm").group_by("arm").agg(n=pl.len()).iter_rows())
    if counts != {arm: n for arm, n in record.counts.items() if n}:
        raise InputError(f"{place}: arms have other customers than were assigned; restore the file")
    days = {wave.entered for wave in record.waves}
    if not set(rows.drop_nulls("arm")["entered"].unique().to_list()) <= days:
        raise InputError(f"{place}: customers entered on days of which the record knows nothing; restore the file")


def _customers(rows: pl.DataFrame, record: Record) -> pl.DataFrame:
    """Those in arms or in the universal holdout; segments stand for strata where there are none."""
    until = {wave.entered: wave.as_of for wave in record.waves}
    stratum = "stratum" if record.design.strata else "segment"
    return rows.select(
        CUSTOMER,
        pl.col("arm").fill_null(UNIVERSAL),
        stratum=pl.col(stratum),
        entered=pl.col("entered"),
        known_until=pl.col("entered").replace_strict(until, default=record.waves[0].as_of, return_dtype=pl.Date),
        value=pl.col("value"),
        clv=pl.col("clv"),
    )
