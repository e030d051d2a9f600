"""Answers to surveys, read and checked: which question, on which scale, of whom, and the latest of each."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.experience.questions import class_of, is_on_scale, is_scale, question_of, usual_scale
from whalecurve.engine.experience.settings import ExperienceSettings, Wave
from whalecurve.engine.order_files import Paths
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.side_inputs import REFUSED, SideInput, SideRole, open_side_input

TIMES = ("time", "answered_at", "responded_at", "scored_datetime", "created_at", "timestamp", "date", "sent_at")
ROLES = (
    SideRole(
        name="customer_id",
        setting="survey_customer",
        kind="customer",
        usual=("customer_id", "customer", "person", "email"),
    ),
    SideRole(name="time", setting="survey_time", kind="time", usual=TIMES),
    SideRole(
        name="question",
        setting="survey_question",
        kind="text",
        usual=("question", "kind", "survey_type", "type"),
        may_be_constant=True,
    ),
    SideRole(
        name="score", setting="survey_score", kind="money", usual=("score", "rating", "answer"), is_required=False
    ),
    SideRole(
        name="scale",
        setting="survey_scale",
        kind="number",
        usual=("scale", "max_score"),
        is_required=False,
        may_be_constant=True,
    ),
    SideRole(
        name="product",
        setting="survey_product",
        kind="text",
        usual=("product", "product_id", "sku", "product_title"),
        is_required=False,
    ),
    SideRole(
        name="answered",
        setting="survey_answered",
        kind="flag",
        usual=("answered", "is_answered", "responded"),
        is_required=False,
    ),
)
MOST_QUESTIONS = 200
KEYS = ("question", "scale")
"""What scores are told apart by: answers on two scales are never mixed."""

LATE, ODD_SCALE, OFF_SCALE, NO_SCORE, NO_QUESTION = (
    "after the last day observed",
    "with a scale that the question cannot have",
    "with a score that is not on its scale",
    "answered, without a score",
    "without question",
)


def open_surveys(surveys: Paths, asked: ExperienceSettings, window: ObservedWindow) -> SideInput:
    """Open the file of answers.

    Raises
    ------
    InputError
        No column of scores, or what `open_side_input` refuses.
    """
    given = asked.columns_of("survey_")
    named = {"customer_id": given.pop("customer"), **given}
    source = open_side_input(surveys, ROLES, named, window.timezone, of="surveys", preset=asked.surveys_preset)
    if "score" not in source.roles:
        raise InputError(f"{source.place}: no column score, rating or answer; name one with {setting('survey_score')}")
    return source


def checked_answers(source: SideInput, ids: pl.DataType, window: ObservedWindow, steps: Sequence[str]) -> pl.LazyFrame:
    """All rows: customer_id, time, day (Int32), question, scale, product, score (fixed-point), and `refused`.

    A row without a score is an invitation that was not answered, and so is one whose flag says so.
    """
    rows = source.rows(ids, timezone=window.timezone, normalise_ids=steps)
    absent: dict[str, Any] = {"scale": pl.Float64, "product": pl.String, "answered": pl.Boolean}
    rows = rows.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in absent.items() if name not in source.roles
    )
    spelt = questions_in(source, ids)
    spellings, questions = (list(names) for names in zip(*spelt.items(), strict=True)) if spelt else ([""], [""])
    question = pl.col("question").replace_strict(spellings, questions, default=None, return_dtype=pl.String)
    rows = rows.with_columns(question=question, day=pl.col("time").dt.date())
    scale = pl.col("scale").fill_null(usual_scale(pl.col("question")).cast(pl.Float64))
    rows = rows.with_columns(scale=scale, is_answered=pl.col("answered").fill_null(pl.col("score").is_not_null()))
    question, score = pl.col("question"), pl.col("score")
    refused = (
        pl.when(pl.col(REFUSED).is_not_null())
        .then(pl.col(REFUSED))
        .when(question.is_null())
        .then(pl.lit(NO_QUESTION))
        .when(pl.col("day") > window.as_of)
        .then(pl.lit(LATE))
        .when(~is_scale(question, pl.col("scale")))
        .then(pl.lit(ODD_SCALE))
        .when(pl.col("is_answered") & score.is_null())
        .then(pl.lit(NO_SCORE))
        .when(pl.col("is_answered") & ~is_on_scale(question, pl.col("scale"), score))
        .then(pl.lit(OFF_SCALE))
    )
    return rows.select(
        CUSTOMER,
        "time",
        pl.col("day").to_physical().cast(pl.Int32),
        "question",
        pl.col("scale").cast(pl.Int64, strict=False),
        "product",
        score=pl.when("is_answered").then(score),
        refused=refused,
    )


def used(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that nothing speaks against, with the class of their score."""
    told = class_of(pl.col("question"), pl.col("scale"), pl.col("score"))
    return rows.filter(pl.col(REFUSED).is_null()).drop(REFUSED).with_columns(told=told)


def questions_in(source: SideInput, ids: pl.DataType) -> dict[str, str]:
    """What each spelling of a question stands for; none of blank ones.

    Raises
    ------
    InputError
        What should be a question is more like a comment: there are too many different ones.
    """
    with source.read():
        spelt = source.rows(ids).select(pl.col("question").drop_nulls().unique()).collect(engine="streaming")
    known = spelt.select("question", told=question_of(pl.col("question"))).drop_nulls()
    n = known["told"].n_unique()
    if n > MOST_QUESTIONS:
        raise InputError(
            f"{source.place}: {n:,} different questions; name the column that says which question was asked with "
            f"{setting('survey_question')}, or write one for all in quotes"
        )
    return dict(known.rows())


def in_time(answers: pl.DataFrame) -> pl.DataFrame:
    """Answers in the order of time, of several at once the lowest last; rows without one first."""
    return answers.sort("time", "score", descending=[False, True], nulls_last=[False, False])


def latest(answers: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Of each customer, question and scale, and these keys, the latest answer; of several at once the lowest.

    `answers` are in the order of `in_time`.
    """
    given = answers.filter(pl.col("score").is_not_null())
    return given.unique([CUSTOMER, *KEYS, *keys], keep="last", maintain_order=True)


def wave_of(day: pl.Expr, wave: Wave) -> pl.Expr:
    """The first day of the wave that a day number is in."""
    return day.cast(pl.Date).dt.truncate({"month": "1mo", "quarter": "1q", "year": "1y"}[wave])


def wave_called(first: pl.Expr, wave: Wave) -> pl.Expr:
    """2025-03, 2025-Q1 or 2025, of the first day of a wave."""
    year = first.dt.year().cast(pl.String)
    if wave == "quarter":
        return year + pl.lit("-Q") + first.dt.quarter().cast(pl.String)
    return first.dt.strftime("%Y-%m") if wave == "month" else year
