"""What simulated customers answer: who buys often answers more often, and better."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.simulation import catalogue
from whalecurve.engine.simulation.drawn import Drawn
from whalecurve.engine.simulation.files import customer_ids
from whalecurve.kernels.arrays import Vector

WORD = "surveys"

ASKED, FREQUENT = 0.6, 0.2
"""Share of customers who are asked for NPS, and of those who buy often, by rate of purchases."""

ANSWER_RATE, ANSWER_RATE_OF_FREQUENT = 0.25, 0.55
CLASSES, CLASSES_OF_FREQUENT = (0.30, 0.35, 0.35), (0.60, 0.25, 0.15)
"""Shares of promoters, passives and detractors."""

SCORES_OF_CLASSES = ((9, 10), (7, 8), (0, 1, 2, 3, 4, 5, 6))
REVIEWERS, STARS, STARS_OF_TOXIC = 0.25, (0.04, 0.06, 0.10, 0.30, 0.50), (0.30, 0.30, 0.20, 0.15, 0.05)
"""Share of customers who review a product, and shares of one to five stars; the toxic brand's are others."""

PARCEL = "parcel in time"
PARCEL_ASKED, PARCEL_SHARES = 0.3, (0.05, 0.05, 0.15, 0.35, 0.40)
IMPOSSIBLE, ROWS_OF_NOBODY = 8, 12
"""Rows with an NPS of 11, and of customers without orders."""

COLUMNS = {
    "customer_id": "as in the orders; rows of customers without orders are planted",
    "time": "answered, or asked where there is no answer",
    "question": "nps, review, or a question of one's own",
    "score": "null where there is no answer; an NPS of 11 is planted",
    "scale": "highest answer",
    "product": "brand that is reviewed",
}


def write_surveys(drawn: Drawn, directory: Path) -> dict[str, Any]:
    """Write `surveys.parquet`, a row a question that was asked, and return what is true of it."""
    rng = drawn.generator(WORD)
    rows = pl.concat([_nps(drawn, rng), _reviews(drawn, rng), _parcels(drawn, rng)])
    odd = rows.filter(pl.col("score").is_not_null(), question="nps").head(IMPOSSIBLE)
    odd = odd.with_columns(score=pl.lit(11.0))
    n = drawn.customers.height
    beyond = customer_ids(np.arange(n, n + ROWS_OF_NOBODY), drawn.ids)
    nobody = rows.head(ROWS_OF_NOBODY)
    nobody = nobody.with_columns(customer_id=pl.Series(beyond[: nobody.height]))
    written = pl.concat([rows, odd, nobody])
    written.write_parquet(directory / f"{WORD}.parquet", compression="zstd")
    return {
        "file": f"{WORD}.parquet",
        "rows": written.height,
        "impossible_scores": odd.height,
        "rows_of_nobody": nobody.height,
        "planted": _planted() if drawn.is_planted else [],
        "independent": [PARCEL, *(() if drawn.is_planted else ("nps", "review"))],
        "columns": COLUMNS,
    }


def _planted() -> list[dict[str, Any]]:
    def nps(classes: tuple[float, ...]) -> float:
        return 100.0 * (classes[0] - classes[2])

    return [
        {
            "question": "nps",
            "meaning": "customers in the top `frequent` by rate of purchases have the NPS `of_frequent` and answer at "
            "`answer_rate_of_frequent`, the others `of_others` and `answer_rate`",
            "effects": {
                "frequent": FREQUENT,
                "of_frequent": nps(CLASSES_OF_FREQUENT),
                "of_others": nps(CLASSES),
                "answer_rate": ANSWER_RATE,
                "answer_rate_of_frequent": ANSWER_RATE_OF_FREQUENT,
            },
        },
        {
            "question": "review",
            "value": catalogue.PLANTED.toxic_brand,
            "meaning": "reviews of the brand have `mean` stars, those of others `mean_of_others`",
            "effects": {"mean": _mean(STARS_OF_TOXIC), "mean_of_others": _mean(STARS)},
        },
    ]


def _mean(shares: tuple[float, ...]) -> float:
    return float(np.dot(np.arange(1, len(shares) + 1), shares))


def is_frequent(drawn: Drawn) -> NDArray[np.bool_]:
    """Whether each customer is in the top `FREQUENT` by rate of purchases; nobody where nothing is planted."""
    if not drawn.is_planted:
        return np.zeros(drawn.customers.height, dtype=np.bool_)
    rank = drawn.customers["purchase_rate"].rank("ordinal", descending=True).to_numpy()
    return np.asarray(rank <= FREQUENT * len(rank))


def moments(customers: pl.DataFrame, last_day: date, rng: np.random.Generator) -> pl.Series:
    """A moment for each row, between the first day of its customer and the last of the log."""
    span = (pl.lit(last_day) - pl.col("first_day")).dt.total_seconds() + 86_400
    share = pl.Series(rng.random(customers.height))
    at = pl.col("first_day").cast(pl.Datetime("us")) + pl.duration(seconds=(share * span).floor().cast(pl.Int64))
    return customers.select(time=at)["time"]


def _nps(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    n, often = drawn.customers.height, is_frequent(drawn)
    classes = np.where(often, _drawn(rng, CLASSES_OF_FREQUENT, n), _drawn(rng, CLASSES, n))
    within = rng.random(n)
    scores = np.zeros(n)
    for place, options in enumerate(SCORES_OF_CLASSES):
        of_class = classes == place
        scores[of_class] = np.array(options)[(within[of_class] * len(options)).astype(np.int64)]
    answers = rng.random(n) < np.where(often, ANSWER_RATE_OF_FREQUENT, ANSWER_RATE)
    rows = _rows(drawn, rng, "nps", scores, scale=10)
    rows = rows.with_columns(score=pl.when(pl.Series(answers)).then("score"))
    return rows.filter(pl.Series(rng.random(n) < ASKED))


def _reviews(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    n = drawn.customers.height
    brand = rng.integers(0, len(catalogue.BRANDS), n)
    toxic = catalogue.BRANDS.index(catalogue.PLANTED.toxic_brand)
    is_toxic = (brand == toxic) & drawn.is_planted
    stars = 1.0 + np.where(is_toxic, _drawn(rng, STARS_OF_TOXIC, n), _drawn(rng, STARS, n))
    rows = _rows(drawn, rng, "review", stars, scale=5)
    rows = rows.with_columns(product=pl.Series(list(catalogue.BRANDS)).gather(brand))
    return rows.filter(pl.Series(rng.random(n) < REVIEWERS))


def _parcels(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    n = drawn.customers.height
    rows = _rows(drawn, rng, PARCEL, 1.0 + _drawn(rng, PARCEL_SHARES, n), scale=5)
    return rows.filter(pl.Series(rng.random(n) < PARCEL_ASKED))


def _drawn(rng: np.random.Generator, shares: tuple[float, ...], n: int) -> Vector:
    """The place of each draw among the shares."""
    return np.asarray(rng.choice(len(shares), n, p=shares), dtype=np.float64)


def _rows(drawn: Drawn, rng: np.random.Generator, question: str, scores: Vector, *, scale: int) -> pl.DataFrame:
    return drawn.customers.select(
        "customer_id",
        time=moments(drawn.customers, drawn.last_day, rng),
        question=pl.lit(question),
        score=pl.Series(scores, dtype=pl.Float64),
        scale=pl.lit(scale, dtype=pl.Int64),
        product=pl.lit(None, dtype=pl.String),
    )
