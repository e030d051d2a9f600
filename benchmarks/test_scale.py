"""Logs of one million to fifty million order lines, each piece of work in a fresh process: seconds and peak memory.

WHALECURVE_BENCH_HUGE=1 adds five hundred million lines, which want 16 GB of disk. WHALECURVE_BENCH_ROUNDS=1 takes one
round instead of medians of three, where there is no time for more.
"""

import os
import subprocess

import polars as pl
import pytest

from benchmarks import data, fresh, rivals
from benchmarks.budgets import BY_CUSTOMER, DUCKDB_SCRIPT, POLARS, SHUFFLED, STRINGS, TIGHT, TIGHTEST
from benchmarks.rows import JOB
from whalecurve import engine
from whalecurve.engine.store.summary import collect_summary

SIZES = (1_000_000, 10_000_000, 50_000_000)
HUGE = 500_000_000
ROUNDS = int(os.environ.get("WHALECURVE_BENCH_ROUNDS", "3"))
TURNS = 7 if ROUNDS == 3 else ROUNDS
"""Rounds of what is compared by its differences, which are small beside what a machine's mood makes of the parts."""
MB, GB = 10**6, 10**9

DECODE, DUCKDB, PANDAS, SUMMARY = "decode of the columns", "DuckDB, the same", "pandas", "summary alone"
LOGGED, MEASURES = "summary with the days of customers", "segments and measures"

WORK = {
    DECODE: "decode",
    POLARS: "polars",
    DUCKDB: "duckdb",
    PANDAS: "pandas",
    DUCKDB_SCRIPT: "duckdb_job",
    SUMMARY: "summary",
    LOGGED: "logged",
    MEASURES: "measures",
    JOB: "score",
    STRINGS: "score",
    SHUFFLED: "score",
    BY_CUSTOMER: "score",
    TIGHT: "score",
    TIGHTEST: "score",
}
MEMORY = {TIGHT: GB, TIGHTEST: 500 * MB}
ONLY = {PANDAS: SIZES[:2], **dict.fromkeys((TIGHT, TIGHTEST, LOGGED, MEASURES), SIZES[2:])}
CONTESTS = [(n, name) for n in SIZES for name in WORK if n in ONLY.get(name, SIZES)]
DIFFERENCES = (SUMMARY, LOGGED, MEASURES)


def log_of(name, n, folder):
    if n == HUGE:
        return data.ten_times(folder, HUGE // 10)
    orders = {SHUFFLED: data.shuffled, BY_CUSTOMER: data.by_customer}.get(name)
    return orders(folder, n) if orders else data.orders(folder, n, ids="string" if name == STRINGS else "integer")


@pytest.fixture(scope="session")
def command(folder, tmp_path_factory):
    """The process that does a contestant's work at a size."""
    out = tmp_path_factory.mktemp("out")

    def of(name, n, memory=None):
        orders = log_of(name, n, folder)
        if WORK[name] == "duckdb_job":
            return rivals.script("duckdb_job", orders, out / "customers.parquet")
        limit = memory or MEMORY.get(name)
        options = {"out": out / "scores"} if WORK[name] == "score" else {}
        options |= {"out": tmp_path_factory.mktemp("aside")} if name in DIFFERENCES else {}
        return fresh.piece(WORK[name], orders, **options, **({"memory": limit} if limit else {}))

    return of


@pytest.fixture(scope="session")
def measured(request, command):
    """Medians of a contestant at a size; all that are asked for at this size take turns, and each is measured once."""
    measurements, failures = {}, {}
    asked_for = [
        (item.callspec.params["n"], item.callspec.params["name"])
        for item in request.session.items
        if item.originalname == test_size.__name__
    ]

    def measure(name, n):
        if (name, n) not in measurements and (name, n) not in failures:
            names = {name, *(other for size, other in asked_for if size == n)}
            turns = {True: [], False: []}
            for other in (other for other in WORK if other in names and (other, n) not in measurements):
                turns[other in DIFFERENCES and n == SIZES[-1]].append(other)
            for are_differences, each in turns.items():
                rounds = TURNS if are_differences else ROUNDS
                commands, failed = {other: command(other, n) for other in each}, {}
                runs = fresh.measured_in_turns(commands, rounds=rounds, failures=failed)
                measurements.update({(other, n): run for other, run in runs.items()})
                failures.update({(other, n): said for other, said in failed.items()})
        if (name, n) in failures:
            raise RuntimeError(failures[name, n])
        return measurements[name, n]

    return measure


@pytest.fixture(scope="session")
def huge(command):
    """Medians of one: half a billion lines, with and without a limit of memory."""
    measurements = {}

    def measure(memory):
        if memory not in measurements:
            runs = fresh.measured_in_turns({JOB: command(JOB, HUGE, memory)}, rounds=1)
            measurements[memory] = runs[JOB]
        return measurements[memory]

    return measure


def about(run, name, n, rounds=ROUNDS):
    """What the results say of a measurement."""
    measures = {"seconds": run.seconds, "cpu_seconds": run.cpu_seconds, "peak_mb": run.peak_mb}
    return {"contestant": name, "orders": n, "rounds": rounds, **measures}


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


def test_the_duckdb_script_counts_sums_and_ranks_the_same(folder, tmp_path):
    orders = data.orders(folder, 1_000_000)
    run = engine.score(orders, out=tmp_path / "scores")
    ours = pl.read_parquet(run.out / "customers").sort("customer_id")
    subprocess.run(rivals.script("duckdb_job", orders, tmp_path / "customers.parquet"), check=True)
    theirs = pl.read_parquet(tmp_path / "customers.parquet")
    for column in ("customer_id", "n_lines", "value_rank"):
        assert ours[column].to_list() == theirs[column].to_list(), column
    for column in ("revenue", "value"):  # in cents: sums of floats differ in their last digits
        assert ours[column].round(2).to_list() == theirs[column].to_list(), column
    assert (ours["cumulative_value_share"] - theirs["cumulative_value_share"]).abs().max() < 1e-9


@pytest.mark.parametrize(("n", "name"), CONTESTS, ids=lambda value: f"{value:.0e}" if isinstance(value, int) else value)
def test_size(benchmark, measured, n, name):
    benchmark.group = f"{n:.0e} order lines, fresh process"
    run = benchmark.pedantic(lambda: measured(name, n), rounds=1)
    benchmark.extra_info.update(about(run, name, n))


ASKED_FOR = pytest.mark.skipif(
    "WHALECURVE_BENCH_HUGE" not in os.environ, reason="half a billion lines are asked for by name"
)


@ASKED_FOR
@pytest.mark.parametrize("memory", [None, 4 * GB], ids=["free", "4GB"])
def test_half_a_billion(benchmark, huge, memory):
    benchmark.group = f"{HUGE:.0e} order lines, fresh process"
    run = benchmark.pedantic(lambda: huge(memory), rounds=1)
    benchmark.extra_info.update(about(run, JOB if memory is None else "--memory 4GB", HUGE, rounds=1))


@ASKED_FOR
@pytest.mark.gate
def test_ten_times_the_lines_take_eleven_times_as_long_at_most(measured, huge):
    assert huge(None).seconds <= 11 * measured(JOB, HUGE // 10).seconds


@ASKED_FOR
@pytest.mark.gate
def test_fifty_million_customers_keep_to_four_gibibytes(huge):
    assert huge(4 * GB).peak_mb <= 4 * 1074


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
