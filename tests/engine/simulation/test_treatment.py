"""Planted effects: what they do to the treated, and to nobody else."""

import hashlib
import json
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine.errors import InputError
from whalecurve.engine.simulation.simulate import Simulation, simulate

FROM, DAYS = date(2024, 9, 1), 60
BASE = {"customers": 6_000, "days": 400, "seed": 3, "planted": False}


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """A file in which every other customer is in arm offer."""
    path = tmp_path_factory.mktemp("arms") / "assignments.parquet"
    ids = pl.int_range(1, 6_001, eager=True)
    arms = pl.DataFrame({"customer_id": ids}).with_columns(
        arm=pl.when(pl.col("customer_id") % 2 == 0).then(pl.lit("offer")).otherwise(pl.lit("control"))
    )
    arms.write_parquet(path)
    return str(path)


def lines(tmp_path, **settings):
    log = simulate(Simulation(**(BASE | settings)), tmp_path / "log")
    return pl.read_parquet(log.orders / "*.parquet"), json.loads(log.truth.read_text())


def during(table):
    day = pl.col("order_ts").dt.date()
    return table.filter((pl.col("amount") > 0) & day.is_between(FROM, date(2024, 10, 30)))


def of_those_there(table, plain):
    """Orders during the days of customers who had one before."""
    first = plain.group_by("customer_id").agg(first=pl.col("order_ts").min().dt.date())
    return during(table).join(first.filter(pl.col("first") < FROM), on="customer_id", how="semi")


def is_offer():
    return pl.col("customer_id") % 2 == 0


def test_spend_is_multiplied_during_the_days_and_for_the_treated_alone(tmp_path, halves):
    plain, _ = lines(tmp_path / "a")
    treat = {"treat": halves, "treat_arm": "offer", "treat_from": FROM, "treat_days": DAYS, "treat_spend": 1.5}
    treated, truth = lines(tmp_path / "b", **treat)
    assert_frame_equal(treated.select("customer_id", "order_ts"), plain.select("customer_id", "order_ts"))
    amounts = [of_those_there(table.filter(is_offer()), plain)["amount"].sum() for table in (plain, treated)]
    assert amounts[1] / amounts[0] == pytest.approx(1.5, rel=1e-3)
    others = ["customer_id", "order_ts", "amount", "margin", "product"]
    assert_frame_equal(treated.filter(~is_offer()).select(others), plain.filter(~is_offer()).select(others))
    before = pl.col("order_ts").dt.date() < FROM
    assert_frame_equal(treated.filter(before), plain.filter(before))
    after = (pl.col("order_ts").dt.date() > date(2024, 10, 30)) & (pl.col("amount") > 0)
    assert_frame_equal(treated.filter(after).select(others), plain.filter(after).select(others))
    n_there = plain.filter(before & is_offer())["customer_id"].n_unique()
    assert truth["treatment"]["customers"] == pytest.approx(n_there, abs=15)  # those of the very first day are, too
    assert (truth["treatment"]["first_day"], truth["treatment"]["last_day"]) == ("2024-09-01", "2024-10-30")


def test_orders_come_faster_by_the_factor_of_the_rate(tmp_path, halves):
    params = {"purchase": (1.0, 20.0, 1e-6, 1e3), "customers": 6_000}  # nobody leaves
    plain, _ = lines(tmp_path / "a", **params)
    treat = {"treat": halves, "treat_arm": "offer", "treat_from": FROM, "treat_days": DAYS, "treat_rate": 2.0}
    treated, _ = lines(tmp_path / "b", **params, **treat)
    counts = [of_those_there(table.filter(is_offer()), plain)["order_id"].n_unique() for table in (plain, treated)]
    assert counts[0] > 4_000
    assert counts[1] / counts[0] == pytest.approx(2.0, rel=0.04)  # four standard errors of such counts
    same = ["customer_id", "order_ts", "amount"]
    assert_frame_equal(treated.filter(~is_offer()).select(same), plain.filter(~is_offer()).select(same))


def test_a_log_that_ends_with_the_effect_has_all_the_orders_that_came_into_it(tmp_path, halves):
    params = {"purchase": (1.0, 20.0, 1e-6, 1e3), "days": 304}  # to 2024-10-30
    treat = {"treat": halves, "treat_arm": "offer", "treat_from": FROM, "treat_days": DAYS, "treat_rate": 2.0}
    short, _ = lines(tmp_path / "a", **params, **treat)
    assert short["order_ts"].dt.date().max() == date(2024, 10, 30)
    orders = of_those_there(short, short).group_by(is_offer()).agg(pl.col("order_id").n_unique()).sort("customer_id")
    assert orders["order_id"][1] / orders["order_id"][0] == pytest.approx(2.0, rel=0.06)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"treat_from": FROM}, "name a file"),
        ({"treat": "FILE"}, "needs a first day"),
        ({"treat": "FILE", "treat_from": date(2030, 1, 1)}, "the log has the 400 days from 2024-01-01"),
        ({"treat": "FILE", "treat_from": FROM, "treat_arm": "mail"}, "has control, offer"),
        ({"treat": "FILE", "treat_from": FROM, "customers": 100}, "does not have"),
        ({"treat": "FILE", "treat_from": FROM, "treat_rate": 0.0}, "out of range"),
        ({"treat": "FILE", "treat_from": FROM, "treat_days": 0}, "is too short; choose at least 1"),
        ({"treat": "FILE", "treat_from": FROM, "treat_rate": 2.0, "model": "pnbd"}, "leave with an order"),
        ({"treat": "FILE", "treat_part": "spring:0-0.5", "treat_from": FROM}, "both say who is treated"),
        ({"treat_part": "spring:0-0.5"}, "needs a first day"),
        ({"treat_part": "spring", "treat_from": FROM}, "write a name and the part of its places"),
        ({"treat_part": "spring:0.5-0.5", "treat_from": FROM}, "nobody is in it"),
        ({"treat_part": "spring:0-0.5", "treat_from": FROM, "treat_arm": "offer"}, "is of a file; leave it out"),
        ({"treat_part": "spring:0-0.5", "treat_from": FROM, "season": 0.3}, "do not go together"),
    ],
)
def test_what_cannot_be_planted_is_refused(tmp_path, halves, settings, words):
    given = {name: halves if value == "FILE" else value for name, value in settings.items()}
    with pytest.raises(InputError, match=words):
        simulate(Simulation(**(BASE | given)), tmp_path / "log")
    assert not (tmp_path / "log").exists()


def test_ids_of_text_are_known_too(tmp_path):
    path = tmp_path / "ids.parquet"
    pl.DataFrame({"customer_id": ["C0000000002"]}).write_parquet(path)
    table, truth = lines(tmp_path, ids="string", treat=str(path), treat_from=FROM, treat_spend=3.0)
    assert truth["treatment"]["customers"] == 1
    assert table["customer_id"].dtype == pl.String


@pytest.mark.parametrize("ids", ["integer", "string"])
def test_a_part_is_treated_as_the_file_of_those_whom_a_warehouse_would_hash_into_it(tmp_path, ids):
    called = [n if ids == "integer" else f"C{n:010}" for n in range(1, 1_501)]
    places = [int(hashlib.md5(f"spring:{one}".encode()).hexdigest()[:14], 16) >> 3 for one in called]
    path = tmp_path / "ids.parquet"
    own = [one for one, place in zip(called, places, strict=True) if 0.1 <= place / 2**53 < 0.45]
    pl.DataFrame({"customer_id": own}).write_parquet(path)
    usual = {"customers": 1_500, "ids": ids, "treat_from": FROM, "treat_spend": 2.0, "treat_rate": 1.5}
    by_file, told = lines(tmp_path / "file", treat=str(path), **usual)
    by_hash, truth = lines(tmp_path / "hash", treat_part="spring:10%-0.45", **usual)
    assert_frame_equal(by_file, by_hash)
    assert truth["treatment"]["customers"] == told["treatment"]["customers"] > 250
    assert (truth["treatment"]["part"], truth["treatment"]["file"]) == ("spring:0.1-0.45", None)
