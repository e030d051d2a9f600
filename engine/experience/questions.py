"""Questions that are known: their scales, and what counts as a high and a low answer."""

import polars as pl

from whalecurve.engine.money import UNITS

NPS, CSAT, CES, REVIEW = "nps", "csat", "ces", "review"
KINDS = (NPS, CSAT, CES, REVIEW)

SPELT = {
    **dict.fromkeys(("nps", "netpromoter", "netpromoterscore", "enps"), NPS),
    **dict.fromkeys(("csat", "customersatisfaction", "satisfaction"), CSAT),
    **dict.fromkeys(("ces", "customereffort", "customereffortscore", "effort"), CES),
    **dict.fromkeys(("review", "reviews", "rating", "stars", "starrating"), REVIEW),
}
"""Other spellings of these questions, without case, spaces and signs."""

USUAL_SCALE = {NPS: 10, CSAT: 5, CES: 7, REVIEW: 5}
"""The highest answer where none is given."""

LONGEST_SCALE = 100
LARGEST_SCORE = 1_000_000 * UNITS
"""Of a question of one's own, so that sums of squares are exact."""

HIGH, MIDDLE, LOW = "high", "middle", "low"
CLASSES_OF_NPS = {HIGH: "promoter", MIDDLE: "passive", LOW: "detractor"}


def question_of(text: pl.Expr) -> pl.Expr:
    """One of `KINDS`, however it is spelt, else the question as it is called; null for a blank one."""
    own = text.str.strip_chars()
    plain = own.str.to_lowercase().str.replace_all("[^a-z0-9]", "")
    known = plain.replace_strict(SPELT, default=None, return_dtype=pl.String)
    return pl.coalesce(known, pl.when(own != "").then(own))


def usual_scale(question: pl.Expr) -> pl.Expr:
    """The highest answer of questions that are known; null for others."""
    return question.replace_strict(USUAL_SCALE, default=None, return_dtype=pl.Int64)


def lowest(question: pl.Expr, scale: pl.Expr) -> pl.Expr:
    """The lowest answer: 0 of NPS, of yes and no, and of questions of one's own; else 1."""
    return pl.when(question.is_in([CSAT, CES, REVIEW]) & (scale > 1)).then(1).otherwise(0)


def is_scale(question: pl.Expr, scale: pl.Expr) -> pl.Expr:
    """Whether a question can have the scale: NPS has 0 to 10 alone; null where there is none."""
    is_whole = (scale == scale.round()) & scale.is_between(1, LONGEST_SCALE)
    return pl.when(question == NPS).then(scale == USUAL_SCALE[NPS]).otherwise(is_whole)


def is_on_scale(question: pl.Expr, scale: pl.Expr, score: pl.Expr) -> pl.Expr:
    """Whether an answer (fixed-point) lies on the scale; whole where it is not of stars or of a question of one's own.

    A question of one's own without a scale may have any number up to a million, of either sign.
    """
    within = score.is_between(lowest(question, scale) * UNITS, scale * UNITS)
    is_whole = ~question.is_in([NPS, CSAT, CES]) | (score % UNITS == 0)
    return pl.when(scale.is_null()).then(score.abs() <= LARGEST_SCORE).otherwise(within & is_whole)


def class_of(question: pl.Expr, scale: pl.Expr, score: pl.Expr) -> pl.Expr:
    """`HIGH`, `MIDDLE` or `LOW`; null for questions of one's own.

    High is 9 and 10 of NPS, the top answer of CES, and of CSAT and reviews the top two, or the top one of a scale of
    up to three. Low is 0 to 6 of NPS, else up to two fifths of the scale (2 of 5, 2 of 7, 4 of 10), and the lowest.
    """
    top_of_two = pl.when(scale >= 4).then(scale - 1).otherwise(scale)
    least_high = pl.when(question == NPS).then(9).when(question == CES).then(scale).otherwise(top_of_two)
    most_low = pl.max_horizontal(2 * scale * UNITS // 5, lowest(question, scale) * UNITS)
    most_low = pl.when(question == NPS).then(6 * UNITS).otherwise(most_low)
    return (
        pl.when(~question.is_in(KINDS))
        .then(None)
        .when(score >= least_high * UNITS)
        .then(pl.lit(HIGH))
        .when(score <= most_low)
        .then(pl.lit(LOW))
        .otherwise(pl.lit(MIDDLE))
    )
