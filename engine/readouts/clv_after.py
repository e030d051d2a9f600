"""The effect on CLV from the end of an experiment on: all arms scored by the models refitted to all customers by then.

One refit for all arms: then they differ by the histories of their customers alone, which an offer has moved or not, and
an interval for means of customers is all there is to say. Refits for each arm would differ by what fits leave open as
well, which is more than what most offers change: the parameters of an arm of some thousands are known to some per cent.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.money import UNITS
from whalecurve.engine.publication import CUSTOMER, open_result
from whalecurve.engine.readouts.adjustment import CAPPED_CLV
from whalecurve.engine.readouts.estimates import Row, row_of
from whalecurve.engine.trials import CLV, Cohort


def with_clv_after(cohort: Cohort, scores: str | Path | None, end: date) -> Cohort:
    """With `clv_after`, as a result at the end has it; 0 for who is not in it.

    Raises
    ------
    InputError
        The result is of a day before the experiment's last one, has no CLV, or has ids of another type.
    """
    if scores is None:
        return cohort
    result = open_result(scores)
    if result.as_of < end:
        raise InputError(
            f"{setting('scores', scores)}: is as of {result.as_of}, and the experiment goes on up to {end}; score the "
            f"orders up to that day or later"
        )
    if result.columns[CUSTOMER] != cohort.table.schema[CUSTOMER]:
        raise InputError(f"{setting('scores', scores)}: its customer ids are of another type than the assignment's")
    units = (pl.col(CLV).fill_nan(None).fill_null(0.0) * UNITS).round().cast(pl.Int64)
    scored = result.take(CUSTOMER, CLV).collect(engine="streaming")
    if scored[CLV].null_count() == scored.height:
        raise InputError(f"{setting('scores', scores)}: has no CLV for anybody; score with models that can be fitted")
    after = scored.select(CUSTOMER, clv_after=units)
    joined = cohort.table.join(after, on=CUSTOMER, how="left", maintain_order="left")
    return replace(cohort, table=joined.with_columns(pl.col("clv_after").fill_null(0)))


def clv_rows(cohort: Cohort, level: float) -> list[Row]:
    """The effect on CLV from the end on."""
    if "clv_after" not in cohort.table.columns:
        return []
    means = cohort.compared("clv_after", [CAPPED_CLV] if cohort.has_clv else [])
    rows = [row_of("clv", arm, None, means.difference(i), level) for i, arm in enumerate(cohort.arms[1:], 1)]
    return [{name: value for name, value in row.items() if name != "segment"} for row in rows]


def models_of_another_day(scores: str | Path | None) -> list[Message]:
    """A word where the result was scored by the models of an earlier run: they know nothing of the experiment's days.

    What the arms did then is in the histories that they are applied to; that customers as a whole behave otherwise
    since is in none of them.
    """
    taken_from = None if scores is None else open_result(scores).model.get("taken_from")
    if taken_from is None:
        return []
    return [
        Message(
            f"{scores}: its models are those of {taken_from['path']}, and were not fitted to the days of the "
            f"experiment; the effect on CLV is by them: score without {setting('thresholds')} to fit them again"
        )
    ]
