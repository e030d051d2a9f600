"""Small logs, where a run is nearly all start-up: whole processes, from the command to its end, in turns.

CPU seconds are user and system time on all cores: what a run costs, whatever else the machine does meanwhile.
"""

import subprocess
import sys
import timeit
from datetime import date

import numpy as np
import polars as pl
import pytest

from benchmarks import data, fresh, rivals
from benchmarks.budgets import HELP, ON_SMALL, ON_TINY, RETAIL, SMALL, TINY
from whalecurve import engine

ROUNDS = 7
JOB, SCRIPT, FLOOR = "whalecurve", "pandas + lifetimes script", "floor of a numba program"
POLARS, ARROW = "import polars", "import polars, pyarrow"
SUMMARY = "engine, one customer_summary"

SALES = ("--where", "Quantity * UnitPrice > 0")  # the script knows nothing of returns
COLUMNS = ("--customer", "CustomerID", "--time", "InvoiceDate", "--order", "InvoiceNo", *SALES)
AMOUNT = ("--amount", "Quantity * UnitPrice")


def whalecurve(*words):
    return [sys.executable, "-m", "whalecurve.cli", *map(str, words)]


def scoring(folder, out):
    """Whole scorings of three logs, the script's of two of them, and the floor beside each."""
    retail, small, tiny = data.retail(folder)[0], data.small(folder), data.tiny(folder)
    written = ("--out", out / "scores", "--overwrite")
    script = out / "script.parquet"
    floor = rivals.script("numba_floor")
    return {
        (RETAIL, JOB): whalecurve("score", retail, *COLUMNS, *AMOUNT, *written),
        (RETAIL, SCRIPT): rivals.script(
            "pandas_lifetimes", retail, script, "CustomerID", "InvoiceDate", "Quantity*UnitPrice"
        ),
        (RETAIL, FLOOR): floor,
        (SMALL, JOB): whalecurve("score", small, *written),
        (SMALL, SCRIPT): rivals.script("pandas_lifetimes", small, script, "customer_id", "order_ts", "amount"),
        (SMALL, FLOOR): floor,
        (TINY, JOB): whalecurve("score", tiny, *written),
        (TINY, FLOOR): floor,
    }


def commands(folder, out):
    """Every other command on two logs, beside the imports that none of them can do without."""
    found = {}
    for group, orders in ((ON_SMALL, data.small(folder)), (ON_TINY, data.tiny(folder))):
        results = [out / f"{orders.stem}-{as_of}" for as_of in (date(2025, 9, 30), date(2025, 12, 31))]
        for result in results:
            window = engine.Window(as_of=date.fromisoformat(result.name[-10:]))
            engine.score(orders, out=result, window=window, overwrite=True)
        found |= {
            (group, POLARS): [sys.executable, "-c", "import polars"],
            (group, ARROW): [sys.executable, "-c", "import polars, pyarrow"],
            (group, SUMMARY): rivals.script("engine_summary", orders),
            (group, "check"): whalecurve("check", orders),
            (group, "compare"): whalecurve("compare", *results),
            (group, "concentration"): whalecurve("concentration", orders),
            (group, "measures"): whalecurve("measures", orders, "--out", out / "measures", "--overwrite"),
        }
    found[ON_SMALL, "validate"] = whalecurve("validate", data.small(folder), "--holdout", "90d")
    return found


def help_page(folder, out):
    """The command that computes nothing, the least that Python takes, and everything of the engine."""
    engine_whole = "from whalecurve import engine; [getattr(engine, name) for name in engine.__all__]"
    return {
        (HELP, JOB): whalecurve("--help"),
        (HELP, "python that does nothing"): [sys.executable, "-c", "pass"],
        (HELP, "import of the whole engine"): [sys.executable, "-c", engine_whole],
    }


@pytest.fixture(scope="module")
def measured(folder, tmp_path_factory):
    """What each process of a contest takes, all of them in turns; a contest is run when it is first asked for."""
    runs = {}

    def of(contest):
        if contest not in runs:
            processes = contest(folder, tmp_path_factory.mktemp("out"))
            runs[contest] = fresh.measured_in_turns(processes, rounds=ROUNDS, warm=1)
        return runs[contest]

    return of


def test_the_script_values_the_same_customers_alike(folder, tmp_path):
    processes = scoring(folder, tmp_path)
    for name in (JOB, SCRIPT):
        subprocess.run(processes[RETAIL, name], check=True, capture_output=True)
    ours = pl.read_parquet(tmp_path / "scores" / "customers").sort("customer_id")
    theirs = pl.read_parquet(tmp_path / "script.parquet").sort("CustomerID")
    assert ours["customer_id"].to_list() == theirs["CustomerID"].to_list()
    assert ours["frequency"].to_list() == theirs["frequency"].to_list()
    assert (ours["value"] - theirs["value"]).abs().max() < 1e-6
    # Months of 30 against 30.4 days and 12.7 % against 10 % a year: the totals differ by a few per cent.
    assert ours["clv"].sum() == pytest.approx(theirs["clv"].sum(), rel=0.05)


CONTESTS = {
    scoring: [
        *((group, name) for group in (RETAIL, SMALL) for name in (JOB, SCRIPT, FLOOR)),
        *((TINY, name) for name in (JOB, FLOOR)),
    ],
    commands: [
        (group, name)
        for group in (ON_SMALL, ON_TINY)
        for name in (POLARS, ARROW, SUMMARY, "check", "compare", "concentration", "measures", "validate")
        if (group, name) != (ON_TINY, "validate")  # no model is fitted to three customers
    ],
    help_page: [(HELP, name) for name in (JOB, "python that does nothing", "import of the whole engine")],
}


@pytest.mark.parametrize(
    ("contest", "group", "name"),
    [(contest, *who) for contest, each in CONTESTS.items() for who in each],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_whole_process(benchmark, measured, folder, contest, group, name):
    benchmark.group = group
    run = benchmark.pedantic(lambda: measured(contest)[group, name], rounds=1)
    log = {"log": data.retail(folder)[1]} if group == RETAIL else {}
    benchmark.extra_info.update(
        contestant=name, seconds=run.seconds, cpu_seconds=run.cpu_seconds, peak_mb=run.peak_mb, **log
    )


@pytest.mark.gate
def test_scoring_takes_seven_tenths_of_the_processor_time_of_the_script_at_most(measured):
    runs = measured(scoring)
    assert runs[RETAIL, JOB].cpu_seconds <= 0.7 * runs[RETAIL, SCRIPT].cpu_seconds


@pytest.mark.gate
def test_scoring_takes_twice_the_processor_time_of_an_empty_numba_program_at_most(measured):
    runs = measured(scoring)
    assert runs[RETAIL, JOB].cpu_seconds <= 2.0 * runs[RETAIL, FLOOR].cpu_seconds


def answered(*command):
    return subprocess.run([sys.executable, *command], check=True, capture_output=True)


@pytest.mark.gate
def test_help_answers_within_a_quarter_of_a_second():
    seconds = timeit.repeat(lambda: answered("-m", "whalecurve.cli", "--help"), number=1, repeat=9)
    assert np.median(seconds) <= 0.25, seconds
