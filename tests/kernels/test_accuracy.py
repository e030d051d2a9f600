"""All 700 rows of the oracle table, within the published target."""

import math

import pytest

from tests.tools import accuracy

POINTS = accuracy.points()


def test_the_table_is_complete():
    assert len(POINTS) == 700
    assert {point.model for point in POINTS} == set(accuracy.TITLES)


@pytest.mark.parametrize("model", accuracy.TITLES)
def test_every_row_of_a_model_is_exact_enough(model):
    off = [point for point in POINTS if point.model == model and not point.is_exact_enough]
    assert off == []


def test_no_answer_is_nan_infinite_or_a_silent_zero():
    assert all(math.isfinite(point.found) and (point.found != 0.0 or point.truth == 0.0) for point in POINTS)


def test_the_readme_carries_the_table():
    shown = (accuracy.ROOT / "docs" / "accuracy.md").read_text().partition(accuracy.BEGIN)[2].partition(accuracy.END)[0]
    rows = [line for line in accuracy.table().splitlines() if line.startswith("| ")]
    names = {tuple(cell.strip() for cell in row.split("|")[1:4]) for row in rows}
    assert names == {
        tuple(cell.strip() for cell in row.split("|")[1:4]) for row in shown.splitlines() if row.startswith("| ")
    }
