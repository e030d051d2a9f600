"""Spend and customers joined by value and month: what goes together, and what is in none."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from whalecurve.engine.acquisition.costs import Costs, first_of_month
from whalecurve.engine.acquisition.first_orders import FROM_NONE, FROM_ONE, FROM_SEVERAL
from whalecurve.engine.money import UNITS


@dataclass(slots=True, kw_only=True)
class Cell:
    """Spend and customers of a value in a month; money in fixed point, clv None where nobody has one."""

    spend: int = 0
    customers: int = 0
    earned: int = 0
    clv: int | None = None
    squares: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        known = [one.clv for one in (self, other) if one.clv is not None]
        return Cell(
            spend=self.spend + other.spend,
            customers=self.customers + other.customers,
            earned=self.earned + other.earned,
            clv=sum(known) if known else None,
            squares=self.squares + other.squares,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """Spend (fixed-point) or customers that belong to no value that has both."""

    what: str
    value: str | None
    spend: int = 0
    customers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Spend and customers by value and month, of values that have both.

    months : from the first to the last of the costs, as far as they were observed
    everybody : by month, all spend and all new customers
    first_day : the first day observed: a month that it is in the middle of is not observed as a whole
    """

    by_value: dict[str, dict[date, Cell]]
    everybody: dict[date, Cell]
    months: list[date]
    first_day: date
    unmatched: list[Unmatched] = field(default_factory=list)


def joined(costs: Costs, totals: pl.DataFrame, first_day: date, as_of: date) -> Cells:
    """Join costs with customers.

    Spend outside of the observed days, spend on nothing that has a name or that no first order names, customers whose
    first order names no value, several, or one that had no spend, and customers of months outside of those of the costs
    are in no value: they are counted apart, each once.

    Parameters
    ----------
    totals
        As `totals_of` gives them: origin, value, month, customers, earned, clv, squares.
    """
    start = first_of_month(first_day) if costs.is_monthly else first_day
    is_inside = pl.col("day").is_between(start, as_of)
    inside, months = costs.table.filter(is_inside), _months(costs.table.filter(is_inside)["day"])
    unmatched = Counter()
    unmatched.spend("outside of the observed days", None, costs.table.filter(~is_inside)["spend"])
    unmatched.spend("without a name", None, inside.filter(pl.col("value").is_null())["spend"])
    spend = _spend_by_cell(inside.drop_nulls("value"))
    seen = [row for row in totals.iter_rows(named=True) if row["month"] in set(months)]
    unmatched.customers("in months without any costs", None, _others(totals, months))
    for origin, what in (
        (FROM_NONE, "without a value on their first order"),
        (FROM_SEVERAL, "with several on it"),
    ):
        unmatched.customers(what, None, (row["customers"] for row in seen if row["origin"] == origin))
    named = [row for row in seen if row["origin"] == FROM_ONE]
    costed, found = {value for value, _ in spend}, {row["value"] for row in named}
    for value in sorted(costed - found):
        unmatched.spend("that no first order names", value, [n for (one, _), n in spend.items() if one == value])
    for value in sorted(found - costed):
        unmatched.customers("without costs", value, (r["customers"] for r in named if r["value"] == value))
    by_value: dict[str, dict[date, Cell]] = defaultdict(lambda: defaultdict(Cell))
    for (value, month), n in spend.items():
        if value in found:
            by_value[value][month] += Cell(spend=n)
    for row in named:
        if row["value"] in costed:
            by_value[row["value"]][row["month"]] += _cell(row)
    return Cells(
        by_value={value: dict(sorted(cells.items())) for value, cells in by_value.items()},
        everybody=_everybody(inside, seen, months),
        months=months,
        first_day=first_day,
        unmatched=unmatched.found,
    )


class Counter:
    """Collects what is unmatched; nothing where there is none."""

    def __init__(self) -> None:
        self.found: list[Unmatched] = []

    def spend(self, what: str, value: str | None, amounts: Iterable[int]) -> None:
        """Note spend: how much of it there is, if there is a row of it."""
        given = list(amounts)
        if given:
            self.found.append(Unmatched(what=f"spend {what}", value=value, spend=sum(given)))

    def customers(self, what: str, value: str | None, counts: Iterable[int]) -> None:
        """Note customers, if there are any."""
        if n := sum(counts):
            self.found.append(Unmatched(what=f"customers {what}", value=value, customers=n))


def _cell(row: dict[str, int]) -> Cell:
    return Cell(customers=row["customers"], earned=row["earned"], clv=row["clv"], squares=row["squares"])


def _others(totals: pl.DataFrame, months: list[date]) -> Iterable[int]:
    return (row["customers"] for row in totals.iter_rows(named=True) if row["month"] not in set(months))


def _spend_by_cell(rows: pl.DataFrame) -> dict[tuple[str, date], int]:
    month = pl.col("day").dt.truncate("1mo")
    sums = rows.group_by("value", month.alias("month")).agg(pl.col("spend").cast(pl.Int128).sum())
    return {(value, month): int(spend) for value, month, spend in sums.sort("value", "month").iter_rows()}


def _everybody(inside: pl.DataFrame, seen: list[dict[str, int]], months: list[date]) -> dict[date, Cell]:
    cells = {month: Cell() for month in months}
    by_month = inside.group_by(pl.col("day").dt.truncate("1mo").alias("month"))
    for month, spend in by_month.agg(pl.col("spend").cast(pl.Int128).sum()).iter_rows():
        cells[month] += Cell(spend=int(spend))
    for row in seen:
        cells[row["month"]] += _cell(row)  # type: ignore[index]  # months are dates
    return cells


def _months(days: pl.Series) -> list[date]:
    """All months from the first day to the last."""
    if not days.len():
        return []
    first, last = days.min(), days.max()
    assert isinstance(first, date), "days are dates"
    assert isinstance(last, date), "days are dates"
    months = pl.date_range(first_of_month(first), first_of_month(last), "1mo", eager=True)
    return [month for month in months.to_list() if isinstance(month, date)]


def in_currency(units: int) -> float:
    """Fixed-point money as a float, rounded once."""
    return units / UNITS
