"""Logs of one million to fifty million order lines, each piece of work in a fresh process: seconds and peak memory.

WHALECURVE_BENCH_HUGE=1 adds five hundred million lines, which want 16 GB of disk.
"""

import os

import pytest

from benchmarks import data, fresh, rivals
from whalecurve import engine
from whalecurve.engine.store.summary import collect_summary

SIZES = (1_000_000, 10_000_000, 50_000_000)
HUGE = 500_000_000
ROUNDS = 3
TURNS = 7
"""Rounds of what is compared by its differences, which are small beside what a machine's mood makes of the parts."""
MB, GB = 10**6, 10**9

DECODE, POLARS, DUCKDB, PANDAS = "decode of the columns", "Polars, two-level group_by", "DuckDB, the same", "pandas"
JOB, SUMMARY = "whalecurve", "summary alone"
LOGGED, MEASURES = "summary with the days of customers", "segments and measures"
STRINGS, SHUFFLED, TIGHT = "string ids", "shuffled lines", "--memory 1GB"

WORK = {
    DECODE: "decode",
    POLARS: "polars",
    DUCKDB: "duckdb",
    PANDAS: "pandas",
    SUMMARY: "summary",
    LOGGED: "logged",
    MEASURES: "measures",
    JOB: "score",
    STRINGS: "score",
    SHUFFLED: "score",
    TIGHT: "score",
}
ONLY = {PANDAS: SIZES[:2], TIGHT: SIZES[2:], LOGGED: SIZES[2:], MEASURES: SIZES[2:]}
CONTESTS = [(n, name) for n in SIZES for name in WORK if n in ONLY.get(name, SIZES)]


DIFFERENCES = (SUMMARY, LOGGED, MEASURES)


def log_of(name, n, folder):
    if n == HUGE:
        return data.ten_times(folder, HUGE // 10)
    if name == SHUFFLED:
        return data.shuffled(folder, n)
    return data.orders(folder, n, ids="string" if name == STRINGS else "integer")


@pytest.fixture(scope="session")
def measured(folder, tmp_path_factory):
    """Medians of fresh processes by contestant and size, each measured once."""
    measurements = {}
    out = tmp_path_factory.mktemp("scores") / "scores"

    def measure(name, n, *, memory=None):
        key = (name, n, memory)
        if key not in measurements and name in DIFFERENCES and n == SIZES[-1]:
            works, aside = [WORK[work] for work in DIFFERENCES], tmp_path_factory.mktemp("aside")
            in_turns = fresh.measured_in_turns(works, log_of(name, n, folder), rounds=TURNS, out=aside)
            measurements.update({(work, n, None): in_turns[WORK[work]] for work in DIFFERENCES})
        if key not in measurements:
            options = {"out": out} if WORK[name] == "score" else {}
            options |= {"out": tmp_path_factory.mktemp("aside")} if name in DIFFERENCES else {}
            limit = memory or (GB if name == TIGHT else None)
            options |= {"memory": limit} if limit else {}
            rounds = ROUNDS if n < HUGE else 1
            measurements[key] = fresh.measured(WORK[name], log_of(name, n, folder), rounds=rounds, **options)
        return measurements[key]

    return measure


def test_the_rivals_sum_up_the_same(folder):
    orders = data.orders(folder, 1_000_000)
    ours = collect_summary(engine.scan_orders(orders, engine.Columns(where="amount > 0")), engine.Window(), "margin")
    lines = {"polars": rivals.polars_summary(orders), "duckdb": rivals.duckdb_summary(orders)}
    for name, theirs in lines.items():
        assert len(theirs) >= ours.height, name  # they know nothing of returns: refunded days are days to them
    totals = collect_summary(engine.scan_orders(orders), engine.Window(), "margin")
    polars = lines["polars"].sort("customer_id")
    assert (totals["revenue"] - polars["revenue"]).abs().max() < 1e-6
    assert totals["n_lines"].sum() == polars["n_lines"].sum()


@pytest.mark.parametrize(("n", "name"), CONTESTS, ids=lambda value: f"{value:.0e}" if isinstance(value, int) else value)
def test_size(benchmark, measured, n, name):
    benchmark.group = f"{n:.0e} order lines, fresh process"
    run = benchmark.pedantic(lambda: measured(name, n), rounds=1)
    benchmark.extra_info.update(contestant=name, seconds=run.seconds, peak_mb=run.peak_mb, orders=n)


ASKED_FOR = pytest.mark.skipif(
    "WHALECURVE_BENCH_HUGE" not in os.environ, reason="half a billion lines are asked for by name"
)


@ASKED_FOR
@pytest.mark.parametrize("memory", [None, 4 * GB], ids=["free", "4GB"])
def test_half_a_billion(benchmark, measured, memory):
    benchmark.group = f"{HUGE:.0e} order lines, fresh process"
    run = benchmark.pedantic(lambda: measured(JOB, HUGE, memory=memory), rounds=1)
    name = JOB if memory is None else "--memory 4GB"
    benchmark.extra_info.update(contestant=name, seconds=run.seconds, peak_mb=run.peak_mb, orders=HUGE)


@ASKED_FOR
@pytest.mark.gate
def test_ten_times_the_lines_take_eleven_times_as_long_at_most(measured):
    assert measured(JOB, HUGE).seconds <= 11 * measured(JOB, HUGE // 10).seconds


@ASKED_FOR
@pytest.mark.gate
def test_fifty_million_customers_keep_to_four_gibibytes(measured):
    assert measured(JOB, HUGE, memory=4 * GB).peak_mb <= 4 * 1074


@pytest.mark.gate
def test_the_whole_job_is_no_slower_than_the_group_by_alone(measured):
    assert measured(JOB, 50_000_000).seconds <= measured(POLARS, 50_000_000).seconds


@pytest.mark.gate
def test_the_whole_job_takes_a_fifth_of_the_memory_of_the_group_by(measured):
    assert 5 * measured(JOB, 50_000_000).peak_mb <= measured(POLARS, 50_000_000).peak_mb


@pytest.mark.gate
def test_a_gibibyte_is_kept_and_costs_half_as_much_time_again_at_most(measured):
    free, tight = measured(JOB, 50_000_000), measured(TIGHT, 50_000_000)
    assert tight.peak_mb <= 1074
    assert tight.seconds <= 1.5 * free.seconds


@pytest.mark.gate
def test_string_ids_cost_half_as_much_time_again_at_most(measured):
    assert measured(STRINGS, 50_000_000).seconds <= 1.5 * measured(JOB, 50_000_000).seconds


@pytest.mark.gate
def test_segments_and_measures_add_half_of_the_summary_at_most(measured):
    plain, logged, more = (measured(name, 50_000_000).seconds for name in (SUMMARY, LOGGED, MEASURES))
    assert logged - plain + more <= 0.5 * plain
