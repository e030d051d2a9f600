"""Questions, their scales, and what is a high and a low answer, by hand."""

import polars as pl
import pytest

from whalecurve.engine.experience.questions import class_of, is_on_scale, is_scale, question_of, usual_scale
from whalecurve.engine.money import UNITS

COLUMNS = [pl.col(name) for name in ("question", "scale", "score")]


def told(expr, question, scale, score=None):
    row = pl.DataFrame(
        {"question": [question], "scale": [scale], "score": [None if score is None else round(score * UNITS)]},
        schema={"question": pl.String, "scale": pl.Int64, "score": pl.Int64},
    )
    return row.select(expr).item()


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("NPS", "nps"),
        (" Net Promoter Score ", "nps"),
        ("net-promoter", "nps"),
        ("Customer Satisfaction", "csat"),
        ("CES", "ces"),
        ("star rating", "review"),
        ("  Was it on time? ", "Was it on time?"),
        ("  ", None),
        (None, None),
    ],
)
def test_questions_are_known_however_they_are_spelt(text, question):
    assert told(question_of(pl.col("question")), text, None) == question


def test_questions_that_are_known_have_usual_scales():
    scales = [told(usual_scale(pl.col("question")), name, None) for name in ("nps", "csat", "ces", "review", "other")]
    assert scales == [10, 5, 7, 5, None]


@pytest.mark.parametrize(
    ("question", "scale", "can_be"),
    [("nps", 10, True), ("nps", 5, False), ("csat", 7, True), ("csat", 0, False), ("review", 101, False)],
)
def test_nps_has_one_scale_and_others_have_any_up_to_a_hundred(question, scale, can_be):
    assert told(is_scale(*COLUMNS[:2]), question, scale) is can_be


@pytest.mark.parametrize(
    ("question", "scale", "score", "is_on"),
    [
        ("nps", 10, 0, True),
        ("nps", 10, 11, False),
        ("nps", 10, 8.5, False),
        ("csat", 5, 0, False),
        ("csat", 1, 0, True),
        ("review", 5, 4.5, True),
        ("review", 5, 0.5, False),
        ("other", None, -3.25, True),
        ("other", None, 2e6, False),
        ("other", 10, 0, True),
        ("other", 10, 10.5, False),
    ],
)
def test_scores_lie_on_their_scales(question, scale, score, is_on):
    assert told(is_on_scale(*COLUMNS), question, scale, score) is is_on


@pytest.mark.parametrize(
    ("question", "scale", "high", "middle", "low"),
    [
        ("nps", 10, (9, 10), (7, 8), (0, 6)),
        ("csat", 5, (4, 5), (3,), (1, 2)),
        ("csat", 7, (6, 7), (3, 5), (1, 2)),
        ("csat", 10, (9, 10), (5, 8), (1, 4)),
        ("csat", 3, (3,), (2,), (1,)),
        ("csat", 2, (2,), (), (1,)),
        ("csat", 1, (1,), (), (0,)),
        ("ces", 7, (7,), (3, 6), (1, 2)),
        ("review", 5, (4, 4.5, 5), (2.5, 3.5), (1, 2)),
    ],
)
def test_high_and_low_answers_of_every_scale(question, scale, high, middle, low):
    for name, scores in (("high", high), ("middle", middle), ("low", low)):
        for score in scores:
            assert told(class_of(*COLUMNS), question, scale, score) == name, score


def test_a_question_of_ones_own_has_no_classes():
    assert told(class_of(*COLUMNS), "other", 5, 5) is None
