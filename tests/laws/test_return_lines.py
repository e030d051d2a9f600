"""All stages agree on what a return line is: a negative one that the flag does not mark is as one that it marks."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.logs import write_all
from whalecurve import engine

WINDOW = engine.Window(as_of=date(2024, 12, 31))
FLAGS = ["kind = 'R'", "kind = 'R' OR amount < 0"]
N = 3_000


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """A year of lines in time order and out of it, one in ten negative, of which the flag marks half."""
    rng = np.random.default_rng(7)
    days = np.sort(rng.integers(0, 360, N))
    is_back = rng.random(N) < 0.1
    lines = pl.DataFrame(
        {
            "customer_id": rng.zipf(1.4, N) % 150,
            "order_ts": [date(2024, 1, 1) + timedelta(days=int(day)) for day in days],
            "order_id": np.arange(N) // 2,
            "amount": np.round(rng.gamma(2.0, 20.0, N), 2) * np.where(is_back, -1, 1),
            "kind": np.where(is_back & (rng.random(N) < 0.5), "R", "S"),
            "shop": rng.choice(["north", "south", "west"], N),
        }
    )
    shuffled = lines[N // 2 :].sample(fraction=1.0, shuffle=True, seed=1)
    return write_all(tmp_path_factory.mktemp("log"), lines[: N // 2], shuffled)


def both(work):
    """What comes of each of the two flags."""
    return [work(engine.Columns(return_flag=flag)) for flag in FLAGS]


def tables_below(folder):
    return {path.relative_to(folder).as_posix(): pl.read_parquet(path) for path in sorted(folder.rglob("*.parquet"))}


def assert_same_tables(found, expected):
    assert found.keys() == expected.keys()
    for name, table in found.items():
        assert_frame_equal(table, expected[name])


def test_the_log_has_lines_to_disagree_on(orders):
    marked, every = both(lambda columns: engine.audit_orders(engine.scan_orders(orders, columns), WINDOW))
    assert (marked.n_return_lines, every.n_unflagged_return_lines) == (every.n_return_lines, 0)
    assert 100 < marked.n_unflagged_return_lines < marked.n_return_lines - 100


def test_scores_and_measures_are_the_same(orders, tmp_path):
    runs = [
        engine.score(orders, out=tmp_path / str(i), columns=engine.Columns(return_flag=flag), window=WINDOW)
        for i, flag in enumerate(FLAGS)
    ]
    assert_same_tables(*(tables_below(run.out) for run in runs))
    assert runs[0].manifest["customers"] == runs[1].manifest["customers"]


def test_the_concentration_by_any_dimension_is_the_same(orders):
    first, second = both(
        lambda columns: engine.concentrate(orders, ["customer", "shop"], columns=columns, window=WINDOW).to_dict()
    )
    without = {"lines", "warnings"}
    for one, other in zip(first["dimensions"], second["dimensions"], strict=True):
        assert {key: one[key] for key in one if key not in without} == {
            key: other[key] for key in other if key not in without
        }


def test_the_explanation_of_a_segment_is_the_same(orders, tmp_path):
    for i, flag in enumerate(FLAGS):
        columns = engine.Columns(return_flag=flag)
        engine.explain(orders, "Champions", ["shop"], columns=columns, window=WINDOW, out=tmp_path / str(i))
    assert_same_tables(*(tables_below(tmp_path / str(i)) for i in range(2)))
