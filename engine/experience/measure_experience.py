"""Measure what customers say, and how they were served: surveys and tickets beside a result."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.customer_shares import Share, passes_for, shares_of
from whalecurve.engine.errors import InputError, Message, counted, setting
from whalecurve.engine.experience.behaviour import (
    MONEY,
    TOTALS,
    bought_later,
    class_rows,
    class_sums,
    everybody,
    money_columns,
    watched,
)
from whalecurve.engine.experience.output import publish
from whalecurve.engine.experience.results import (
    CLASSES_SCHEMA,
    SCORES_SCHEMA,
    TICKETS_SCHEMA,
    WEIGHTED_SCHEMA,
    Experience,
)
from whalecurve.engine.experience.scores import answer_counts, in_order, scores_of, told_groups
from whalecurve.engine.experience.settings import ExperienceSettings
from whalecurve.engine.experience.surveys import KEYS, checked_answers, in_time, open_surveys, used
from whalecurve.engine.experience.tickets import (
    checked_tickets,
    open_tickets,
    orders_since,
    ticket_counts,
    tickets_of,
    used_tickets,
)
from whalecurve.engine.experience.weighting import weighted_scores, weighting_counts
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, scan_orders, scored_columns, scored_files
from whalecurve.engine.publication import CUSTOMER, Result, check_target, open_result, window_of
from whalecurve.engine.segments import LABELS
from whalecurve.engine.settings import Given, ObservedWindow, Window, taken
from whalecurve.engine.side_inputs import SideInput, Tally, tally
from whalecurve.engine.stages import OnStage, Stages

ROWS_PER_PASS = 10_000_000
"""Rows of a side input that are taken at once; memory, not results, depends on it."""

FEW_MATCH = 0.5
"""Share of the rows that are used, below which it is worth a word."""


def measure_experience(
    scores: str | Path,
    *,
    surveys: Paths | None = None,
    tickets: Paths | None = None,
    settings: ExperienceSettings | Given | None = None,
    orders: Paths | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Experience:
    """Set answers to surveys, and tickets, against the segments, tiers and value of the customers of a result.

    Parameters
    ----------
    scores
        Directory that `score` wrote.
    surveys, tickets
        Files (Parquet, Arrow, CSV), directories, globs or URLs of answers and of tickets; or frames. At least one.
    settings
        Which columns are what, and how answers are counted.
    orders
        The orders that were scored, where they have moved. They are read for later purchases, and beside tickets.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Experience
        Scores by group, weighted scores, classes of answers, and tickets by group.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> from datetime import datetime
    >>> import polars as pl
    >>> import whalecurve as wc
    >>> answers = pl.DataFrame({"customer_id": range(1, 21), "score": [10] * 15 + [3] * 5})
    >>> answers = answers.with_columns(question=pl.lit("nps"), time=datetime(2025, 6, 1))
    >>> found = wc.experience("scores", surveys=answers)
    >>> found.scores.filter(by="all")["nps"].item()
    50.0
    """
    stages, asked = Stages(on_stage), taken(ExperienceSettings, settings) or ExperienceSettings()
    with stages.stage("open"):
        if surveys is None and tickets is None:
            raise InputError(
                f"nothing to measure: name a file with {setting('surveys')}, {setting('tickets')}, or both"
            )
        job = _opened(open_result(scores), asked, surveys, tickets, orders)
        if out is not None:
            lines = [] if job.orders is None else job.orders.paths
            check_target(Path(out), overwrite=overwrite, orders=lines, results=[scores])
    rows: dict[str, Any] = {}
    tables: dict[str, pl.DataFrame] = {}
    warnings = list(map(Message, job.result.not_reliable))
    if surveys is not None:
        with stages.stage("surveys"):
            checked, rows["surveys"], said = _checked(job, "surveys")
            tables |= _of_surveys(job, checked)
            warnings += said
    if tickets is not None:
        with stages.stage("tickets"):
            checked, rows["tickets"], said = _checked(job, "tickets")
            tables |= _of_tickets(job, checked)
            warnings += said
    found = Experience(
        scores=tables.get("scores"),
        weighted=tables.get("weighted"),
        classes=tables.get("classes"),
        tickets=tables.get("tickets"),
        rows=rows,
        settings=asked,
        as_of=job.result.as_of.isoformat(),
        run_id=job.result.manifest["run_id"],
        value_is=job.result.definitions["value"],
        warnings=(*warnings, *map(Message, _notes(job, tables))),
    )
    if out is None:
        return found
    publish(found, Path(out), job.result, job.sources, stages)
    return replace(found, out=Path(out))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A result, what is set against it, and its orders where they are needed."""

    result: Result
    window: ObservedWindow
    asked: ExperienceSettings
    sources: dict[str, SideInput]
    orders: Orders | None

    @property
    def shares(self) -> list[Share]:
        """The shares of the customers that are taken at once."""
        n_lines = 0 if self.orders is None else int(self.result.manifest["rows"]["used"])
        n_rows = max(sum(file.n_rows or 0 for file in source.files) for source in self.sources.values())
        return list(shares_of(max(passes_for(n_lines), passes_for(n_rows, ROWS_PER_PASS))))

    def customers(self, share: Share) -> pl.DataFrame:
        """The customers of a share: labels, money as whole numbers, days since the last purchase."""
        needed = self.result.take(CUSTOMER, *LABELS.values(), *MONEY, "days_since_last")
        return share.of(needed.with_columns(money_columns())).collect(engine="streaming")


def _opened(
    result: Result, asked: ExperienceSettings, answers: Paths | None, contacts: Paths | None, orders: Paths | None
) -> _Job:
    window = window_of(result, Window())
    sources = {}
    if answers is not None:
        sources["surveys"] = open_surveys(answers, asked, window)
    if contacts is not None:
        sources["tickets"] = open_tickets(contacts, asked, window)
    needs_orders = contacts is not None or asked.repeat_days > 0
    lines = None
    if needs_orders:
        lines = scan_orders(scored_files(result, orders), scored_columns(result), [], window.timezone)
    return _Job(result=result, window=window, asked=asked, sources=sources, orders=lines)


def _checked(job: _Job, name: str) -> tuple[pl.LazyFrame, dict[str, object], list[Message]]:
    """The rows of a file, how many are used and refused, and what to say of that."""
    ids, steps = job.result.columns[CUSTOMER], job.result.definitions.get("normalise_ids") or ()
    check, source = checked_answers if name == "surveys" else checked_tickets, job.sources[name]
    rows = check(source, ids, job.window, steps)
    told = tally(source, rows, job.result.take(CUSTOMER))
    return rows, told.as_record(), list(_of_rows(source, told))


def _of_surveys(job: _Job, checked: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """The tables of scores, weighted scores and classes; customers a share at a time."""
    source, asked = job.sources["surveys"], job.asked
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in COUNTED}
    for share in job.shares:
        customers = job.customers(share)
        answers = in_time(_of_share(source, used(checked), share, customers))
        parts["answers"].append(answer_counts(answers, customers, asked.wave))
        parts["classes"].append(class_sums(answers, customers))
        parts["everybody"].append(everybody(customers))
        if asked.weight_by:
            parts["cells"].append(weighting_counts(answers, customers, asked.weight_by))
            parts["mix"].append(_mix(customers, asked.weight_by))
        if job.orders is not None and asked.repeat_days:
            seen = watched(answers, job.window, asked.repeat_days)
            parts["later"].append(bought_later(seen, job.orders, job.window, share, asked.repeat_days))
    added = {name: _added(tables, COUNTED[name]) for name, tables in parts.items() if tables}
    least, level = asked.min_customers, asked.level
    table = scores_of(told_groups(added["answers"], least), level)
    classes = class_rows(added["classes"], added["everybody"], added.get("later"), least, level)
    weighted = weighted_scores(added["cells"], added["mix"], asked.weight_by, least, level) if asked.weight_by else []
    return {
        "scores": in_order(table, job.result.segments, KEYS).select(list(SCORES_SCHEMA)),
        "weighted": pl.DataFrame(weighted, schema=WEIGHTED_SCHEMA),
        "classes": pl.DataFrame(classes, schema=CLASSES_SCHEMA),
    }


COUNTED: dict[str, tuple[str, ...]] = {
    "answers": ("customers",),
    "classes": TOTALS,
    "everybody": TOTALS,
    "cells": ("customers",),
    "mix": ("customers",),
    "later": ("observed", "bought"),
}
"""Of each table that is made a share at a time, the columns that are added up; the others tell rows apart."""


def _of_share(source: SideInput, rows: pl.LazyFrame, share: Share, customers: pl.DataFrame) -> pl.DataFrame:
    """The rows of the customers of a share."""
    known = customers.select(CUSTOMER).lazy()
    with source.read():
        return share.of(rows).join(known, on=CUSTOMER, how="inner").collect(engine="streaming")


def _mix(customers: pl.DataFrame, schemes: tuple[str, ...]) -> pl.DataFrame:
    """How many customers with a purchase have which labels."""
    labels = [pl.col(LABELS[scheme]).cast(pl.String).fill_null("").alias(scheme) for scheme in schemes]
    bought = customers.filter(pl.col("days_since_last").is_not_null()).select(labels)
    return bought.group_by(list(schemes)).agg(customers=pl.len().cast(pl.Int64))


def _added(tables: list[pl.DataFrame], counts: tuple[str, ...]) -> pl.DataFrame:
    """Tables of several shares as one."""
    if len(tables) == 1:
        return tables[0]
    together = pl.concat(tables)
    sums = [pl.col(name).sum() for name in counts]
    keys = [name for name in together.columns if name not in counts]
    return together.group_by(keys).agg(sums) if keys else together.select(sums)


def _of_tickets(job: _Job, checked: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """The table of tickets; customers a share at a time."""
    source, rows = job.sources["tickets"], used_tickets(checked)
    with source.read():
        first_day = rows.select(pl.col("day").min()).collect(engine="streaming").item()
    if first_day is None or job.orders is None:
        return {"tickets": pl.DataFrame(schema=TICKETS_SCHEMA)}
    counts, hours = [], []
    for share in job.shares:
        customers = job.customers(share)
        ordered = orders_since(job.orders, job.window, share, first_day)
        of_customers, by_hours = ticket_counts(_of_share(source, rows, share, customers), ordered, customers)
        counts.append(of_customers)
        hours.append(by_hours)
    asked = job.asked
    table = tickets_of(_added(counts, ("customers",)), _added(hours, ("n",)), asked.min_customers, asked.level)
    return {"tickets": in_order(table, job.result.segments, []).select(list(TICKETS_SCHEMA))}


def _of_rows(source: SideInput, told: Tally) -> Iterator[Message]:
    if source.preset is not None:
        yield Message(f"{source.place}: read as {source.preset.title}: {'; '.join(source.preset.notes)}")
    for why, n in told.refused.items():
        yield Message(f"{source.place}: {counted(n, 'row')} {why} left out")
    if told.n_rows and told.n_used < FEW_MATCH * told.n_rows:
        yield Message(
            f"{source.place}: {told.n_used / told.n_rows:.0%} of its rows are used; check the columns and ids"
        )


def _notes(job: _Job, tables: dict[str, pl.DataFrame]) -> Iterator[str]:
    least = job.asked.min_customers
    if "scores" in tables:
        table = tables["scores"]
        yield f"segments, tiers and value are those of {job.result.as_of}, not of the day of an answer"
        if table.height and table["response_rate"].null_count() == table.height:
            yield "the file has no invitation that was not answered, so response rates are not known"
        if not table.height:
            yield f"no question has answers of {least} customers, so there are no scores"
        weighted = tables["weighted"]
        if weighted.height and weighted["weighted"].null_count():
            yield "those who answered cannot be weighted to the mix of all customers: some combinations are missing"
        for row in weighted.unique(["question", "scale"], keep="first", maintain_order=True).iter_rows(named=True):
            if row["represented"] < 1.0:
                share = f"{row['represented']:.0%} of the customers"
                yield f"{row['question']}: weights stand for {share}; of the others nobody answered"
            worth = row["effective_customers"]
            if worth is not None and worth < 0.5 * row["customers"]:
                yield f"{row['question']}: weighted, {row['customers']:,} customers tell as much as {worth:,.0f} would"
    if "tickets" in tables and not tables["tickets"].height:
        yield f"fewer than {least} customers have a ticket, so there are no rates"
