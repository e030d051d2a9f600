"""An experiment in a report: its verdict in words, its effects as numbers and as a picture."""

import numpy as np
import polars as pl
import pytest

from tests.support.experiments import START, assigned, shop, write
from tests.support.pages import page_of
from whalecurve import engine

N = 600


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("experiment")
    is_offer = np.random.default_rng(3).random(N) < 0.5
    orders = shop(N, treated=is_offer, effect=2.0)
    orders.write_parquet(folder / "orders.parquet")
    before = orders.filter(pl.col("order_ts") < START).group_by("customer_id").agg(pl.col("amount").sum())
    value = before.sort("customer_id")["amount"].to_list()
    segments = ["<b>lapsed</b>" if i % 2 else "recent" for i in range(N)]
    arms = ["offer" if offer else "control" for offer in is_offer]
    write(folder / "spring", assigned(arms, value=value, segment=segments))
    engine.score(folder / "orders.parquet", out=folder / "scores")
    return folder


def page(folder, out, **settings):
    found = engine.read_experiment(folder / "orders.parquet", folder / "spring", out=out, **settings)
    return found, page_of(engine.report(folder / "scores", beside=[out]).html)


def test_the_section_says_what_was_found(folder, tmp_path):
    found, shown = page(folder, tmp_path / "read", cost_per_customer=0.1)
    assert "Experiment spring" in shown.texts["h2"]
    row = found.effects.row(by_predicate=pl.col("is_decisive"), named=True)
    text = " ".join(shown.texts["p"])
    assert "offer: it works;" in text
    assert f"{row['relative']:+.1%} ({row['relative_low']:+.1%} to {row['relative_high']:+.1%})" in text
    assert "The arms have the planned sizes" in text
    segments = shown.tables["Effect on revenue, relative to control"]
    assert [row["of"].shown for row in segments][-2:] == ["<b>lapsed</b>", "recent"]


def test_arms_that_do_not_fit_are_said_in_place_of_an_effect(folder, tmp_path):
    table = pl.read_parquet(folder / "spring" / "assignment.parquet")
    lost = table.filter((pl.col("arm") == "control") | (pl.col("customer_id") % 3 == 0))
    write(tmp_path / "lost", lost)
    engine.read_experiment(folder / "orders.parquet", tmp_path / "lost", out=tmp_path / "read")
    text = page_of(engine.report(folder / "scores", beside=[tmp_path / "read"]).html)
    text = " ".join(text.texts["p"])
    assert "do not have the planned sizes (p below 0.001): no conclusion can be drawn" in text
    assert "it works" not in text
