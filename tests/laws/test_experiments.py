"""Experiments without an effect, replayed on one log: how often each test says that there is one.

Arms are drawn anew, outcomes stay: the rate of false alarms of every test that is reported has to be within binomial
bounds of what it says, for amounts with heavy tails as well.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tests.support.experiments import assigned, write
from tests.support.replays import ALPHA, DAYS, LOOKS, checked, heavy, plan_of, replayed, sequences, sums_of
from tests.tools.readme import retail_log
from whalecurve.engine.effects import ALPHA as MISMATCH
from whalecurve.engine.experiments import PLACES, places_of
from whalecurve.engine.orders import scan_orders
from whalecurve.engine.readouts.read import read_experiment
from whalecurve.engine.settings import Columns, ObservedWindow
from whalecurve.engine.simulation.simulate import Simulation, simulate
from whalecurve.engine.store import collect_summary


def lately(log, start, looks):
    """Customers who bought in the year before a day, with segments by what they had spent."""
    window = ObservedWindow(as_of=start - timedelta(days=1), since=start - timedelta(days=365))
    past = collect_summary(log, window, "revenue").sort("customer_id")
    thirds = (past["value"].rank("ordinal") - 1) * 3 // past.height
    segments = thirds.replace_strict([0, 1, 2], ["a", "b", "c"]).to_list()
    return sums_of(log, start, past["customer_id"], segments, looks)


def demo(looks, folder):
    """The log of the demo."""
    log = simulate(Simulation(customers=20_000), folder / "log")
    return lately(scan_orders(log.orders, Columns()), date(2025, 11, 1), looks)


def retail(looks, folder):
    """Online Retail, its busiest weeks."""
    path = retail_log()
    if path is None:
        pytest.skip("no Online Retail log: set WHALECURVE_DATA")
    lines = pl.read_parquet(path).filter(pl.col("CustomerID").is_not_null())
    lines.with_columns(amount=pl.col("Quantity") * pl.col("UnitPrice")).write_parquet(folder / "retail.parquet")
    columns = Columns(customer="CustomerID", time="InvoiceDate", order="InvoiceNo")
    return lately(scan_orders(folder / "retail.parquet", columns), date(2011, 10, 1), looks)


LOGS = {"heavy": lambda looks, _: heavy(looks), "demo": demo, "retail": retail}


def bounds(n, p=ALPHA, miss=1e-4):
    """Counts between which a binomial one is but for a chance of `miss`."""
    return stats.binom.ppf(miss / 2, n, p), stats.binom.isf(miss / 2, n, p)


def check_false_alarms(sums, n_times):
    alarms: dict[tuple[str, str | None], int] = {}
    for looked in replayed(sums, plan_of(sums), n_times):
        for row in looked.effects:
            key = row["metric"], row["segment"]
            alarms[key] = alarms.get(key, 0) + (row["p"] is not None and row["p"] <= ALPHA)
        (worth,), (clv,) = looked.worth, looked.clv
        own = {
            "money": worth["per_customer_low"] > 0 or worth["per_customer_high"] < 0,
            "clv": clv["p"] <= ALPHA,
            "any q": any((row.get("q") or 1.0) <= ALPHA for row in looked.effects),
            "verdict": looked.verdicts[0].kind in ("works", "harms"),
        }
        for name, is_alarm in own.items():
            alarms[name, None] = alarms.get((name, None), 0) + is_alarm
    assert set(alarms) >= {("revenue", None), ("revenue", "a"), ("conversion", None), ("revenue_per_order", None)}
    assert ("margin" in sums.columns) == (("margin", None) in alarms)
    high = bounds(n_times)[1]
    assert {key: n for key, n in alarms.items() if n > high} == {}
    for name in ("revenue", "verdict"):
        assert bounds(n_times)[0] <= alarms[name, None] <= high


def check_several_arms(sums, n_times):
    """Three treated arms: that one of them is said to work or harm is as rare as with one."""
    arms = {"control": 0.25, "offer": 0.25, "mail": 0.25, "call": 0.25}
    decided = sum(
        any(one.kind in ("works", "harms") for one in looked.verdicts)
        for looked in replayed(sums, plan_of(sums, arms=arms), n_times)
    )
    assert decided <= bounds(n_times)[1]


def check_sequences(sums, n_times, steps):
    """Customers enter one after the other, and are looked at again and again: all looks together are no more."""
    found = list(sequences(sums, plan_of(sums, entry="rolling"), n_times, steps))
    assert sum(decided for decided, _ in found) <= bounds(n_times)[1]
    assert sum(naive for _, naive in found) >= sum(decided for decided, _ in found)
    return sum(naive for _, naive in found)


def check_arms(sums, n_times):
    """Sizes of the arms, and what they differed by before the start: each p is as small as it may be by chance."""
    sizes, strata, apart = 0, 0, dict[str, int]()
    for found in checked(sums, plan_of(sums), n_times):
        sizes += found.sample_ratio_p <= ALPHA
        strata += not found.is_sound
        for row in found.balance:
            apart[row["of"]] = apart.get(row["of"], 0) + (row["p"] <= ALPHA)
    assert sizes <= bounds(n_times)[1]
    assert strata <= stats.binom.isf(1e-4, n_times, 2 * MISMATCH)
    assert set(apart) == {"pre_revenue", "pre_bought", "clv"}
    assert {name: n for name, n in apart.items() if n > bounds(n_times)[1]} == {}


def check_looks(sums, n_times):
    found = [looked.looks for looked in replayed(sums, plan_of(sums, LOOKS), n_times)]
    crossed = sum(any(look.is_crossed for look in own) for own in found)
    naive = sum(any(abs(look.z) > 1.96 for look in own) for own in found)
    assert crossed <= bounds(n_times)[1]
    assert naive > 1.5 * ALPHA * n_times, "looking without a boundary has to give more, or this shows nothing"


def check_coverage(n_times):
    """The same amount more for each of the treated, uncapped: the interval of the money has it as often as it says."""
    sums, shift = heavy(tail=3.5), 4.0
    held = 0
    for looked in replayed(sums, plan_of(sums), n_times, shift):
        (worth,) = looked.worth
        held += worth["per_customer_low"] <= shift <= worth["per_customer_high"]
    assert held >= stats.binom.ppf(1e-4, n_times, 1 - ALPHA)


PLANTED = {"spend": {"treat_spend": 1.2}, "rate": {"treat_rate": 1.5}}
"""What the simulator does to the treated."""


def brought(log, ids, first):
    """What customers brought on average in the days of an experiment."""
    day = pl.col("order_ts").dt.date()
    during = pl.scan_parquet(log.orders / "*.parquet").filter(day.is_between(first, first + timedelta(days=DAYS - 1)))
    total = during.filter(pl.col("customer_id").is_in(ids.implode())).select(pl.col("amount").sum()).collect().item()
    return total / len(ids)


def check_planted(tmp_path, seeds, effect):
    """The simulator treats one arm: intervals hold what treating all brings beyond treating nobody, a customer."""
    first, n = date(2024, 10, 1), 1_500
    held = []
    for seed in seeds:
        name = f"spring-{seed}"
        base = {"customers": n, "days": 300 + DAYS, "seed": seed, "planted": False}
        treat = {"treat_from": first, "treat_days": DAYS} | PLANTED[effect]
        parts = {
            "nobody": {},
            "all": treat | {"treat_part": f"{name}:0-1"},
            "half": treat | {"treat_part": f"{name}:0-0.5"},
        }
        logs = {one: simulate(Simulation(**base, **of), tmp_path / f"{seed}-{one}") for one, of in parts.items()}
        plain = pl.read_parquet(logs["nobody"].orders / "*.parquet").filter(pl.col("order_ts").dt.date() < first)
        before = plain.group_by("customer_id").agg(pl.col("amount").sum()).sort("customer_id")
        ids, value = before["customer_id"], before["amount"].to_list()
        arms = ["offer" if place < PLACES // 2 else "control" for place in places_of(ids, name)]
        table = assigned(arms, start=first, value=value).with_columns(customer_id=ids)
        directory = write(tmp_path / f"{seed}-experiment", table, name=name)
        (worth,) = read_experiment(logs["half"].orders, directory, columns={"margin": ""}).worth
        truth = brought(logs["all"], ids, first) - brought(logs["nobody"], ids, first)
        held.append(worth["per_customer_low"] <= truth <= worth["per_customer_high"])
    assert sum(held) >= stats.binom.ppf(1e-4, len(held), 0.95)


def test_false_alarms_are_as_rare_as_they_are_said_to_be():
    check_false_alarms(heavy(), 60)


def test_planned_looks_give_no_more_false_alarms_than_one():
    check_looks(heavy(LOOKS), 80)


def test_several_arms_give_no_more_false_alarms_than_one():
    check_several_arms(heavy(), 30)


def test_a_confidence_sequence_holds_however_often_one_looks():
    check_sequences(heavy(), 20, (300, 600, 900, 1_200))


def test_checks_of_the_arms_alarm_as_rarely_as_they_say():
    check_arms(heavy(), 60)


def test_intervals_hold_what_was_added():
    check_coverage(40)


@pytest.mark.parametrize("effect", PLANTED)
def test_intervals_hold_what_the_simulator_planted(tmp_path, effect):
    check_planted(tmp_path, range(4), effect)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("log", LOGS)
def test_false_alarms_are_as_rare_over_a_thousand_replays(log, tmp_path):
    check_false_alarms(LOGS[log]((), tmp_path), 1_000)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("log", LOGS)
def test_looks_give_no_more_over_a_thousand_replays(log, tmp_path):
    check_looks(LOGS[log](LOOKS, tmp_path), 1_000)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("log", LOGS)
def test_several_arms_give_no_more_over_a_thousand_replays(log, tmp_path):
    check_several_arms(LOGS[log]((), tmp_path), 1_000)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("log", LOGS)
def test_a_confidence_sequence_holds_over_many_replays_of_many_looks(log, tmp_path):
    sums = LOGS[log]((), tmp_path)
    steps = np.geomspace(200, sums.height, 10).astype(int).tolist()
    assert check_sequences(sums, 300, steps) > 2 * ALPHA * 300, "plain p has to give more, or this shows nothing"


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("log", LOGS)
def test_checks_of_the_arms_alarm_as_rarely_over_a_thousand_replays(log, tmp_path):
    check_arms(LOGS[log]((), tmp_path), 1_000)


@pytest.mark.slow
@pytest.mark.long
def test_intervals_hold_over_a_thousand_replays():
    check_coverage(1_000)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("effect", PLANTED)
def test_intervals_hold_what_the_simulator_planted_over_two_hundred_seeds(tmp_path, effect):
    check_planted(tmp_path, range(200), effect)
