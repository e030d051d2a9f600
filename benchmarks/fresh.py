"""Processes of their own: a piece of work, or any command, with its seconds, CPU seconds and peak memory.

`python -m benchmarks.fresh WORK ORDERS [--memory BYTES] [--out DIR]` does one piece of work and prints its seconds as
JSON; what the whole process took says `child.py`, its parent, as Polars' and DuckDB's memory escapes Python's accounts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAUNCHER = (sys.executable, "-S", "-E", str(Path(__file__).with_name("child.py")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Medians of a few fresh processes.

    seconds : of the work alone where it says so, else of the process
    process_seconds, cpu_seconds : of the whole process by the clock, and on all cores, user and system
    peak_mb : the most memory that the process ever held, in 10^6 bytes
    """

    seconds: float
    process_seconds: float
    cpu_seconds: float
    peak_mb: float


def piece(work: str, orders: Path, **options: str | int | Path) -> list[str]:
    """The command that does a piece of work, one of `WORK`, in a process of its own."""
    given = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    return [sys.executable, "-m", "benchmarks.fresh", work, str(orders), *given]


def measured_in_turns(
    commands: Mapping[str, Sequence[str]], *, rounds: int, warm: int = 0, failures: dict[str, str] | None = None
) -> dict[str, Measured]:
    """Run commands that are to be compared one after the other, a few times: what slows the machine slows all.

    `warm` rounds go before, which are not measured: they write bytecode and fill the caches of kernels and files.
    What a command that fails says goes to `failures` under its name, and the others go on; without it, it ends all.
    """
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for turn in range(warm + rounds):
        for name, command in commands.items():
            if failures is not None and name in failures:
                continue
            try:
                run = _run(command)
            except RuntimeError as error:
                if failures is None:
                    raise
                failures[name] = str(error)
                continue
            sys.stderr.write(f"{name}: {run['seconds']:.2f} s, {run['cpu']:.2f} CPU s, {run['peak_mb']:,.0f} MB\n")
            if turn >= warm:
                runs[name].append(run)
    return {
        name: Measured(
            seconds=statistics.median(run["seconds"] for run in each),
            process_seconds=statistics.median(run["process"] for run in each),
            cpu_seconds=statistics.median(run["cpu"] for run in each),
            peak_mb=statistics.median(run["peak_mb"] for run in each),
        )
        for name, each in runs.items()
        if not (failures and name in failures)
    }


def _run(command: Sequence[str]) -> dict[str, float]:
    """What one process took; with bytecode written and read, as an installed package has it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([*LAUNCHER, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    *printed, told = done.stdout.splitlines()
    run: dict[str, float] = json.loads(told)
    says_seconds = list(command[1:3]) == ["-m", "benchmarks.fresh"]
    return {"seconds": run["process"]} | run | (json.loads(printed[-1]) if says_seconds else {})


def _decode(orders: Path, _: argparse.Namespace) -> Callable[[], object]:
    import polars as pl

    from benchmarks.data import COLUMNS

    def work() -> int:
        batches = pl.scan_parquet(orders).select(COLUMNS).collect_batches(maintain_order=False)
        return sum(batch.height for batch in batches)

    return work


def _polars(orders: Path, _: argparse.Namespace) -> Callable[[], object]:
    from benchmarks import rivals

    return lambda: rivals.polars_summary(orders)


def _duckdb(orders: Path, _: argparse.Namespace) -> Callable[[], object]:
    from benchmarks import rivals

    return lambda: rivals.duckdb_summary(orders)


def _pandas(orders: Path, _: argparse.Namespace) -> Callable[[], object]:
    from benchmarks import rivals

    return lambda: rivals.pandas_summary(orders)


def _summary(orders: Path, given: argparse.Namespace) -> Callable[[], object]:
    from whalecurve.cli.console import return_memory

    return_memory()
    from whalecurve import engine
    from whalecurve.engine.runtime.memory import memory_budget
    from whalecurve.engine.store.lines_to_totals import read_totals

    scanned = engine.scan_orders(orders)
    return lambda: read_totals(scanned, engine.Window(), memory_budget(given.memory, scanned.n_rows), aside=given.out)


def _logged(orders: Path, given: argparse.Namespace) -> Callable[[], object]:
    from whalecurve.cli.console import return_memory

    return_memory()
    from whalecurve import engine
    from whalecurve.engine.runtime.memory import memory_budget
    from whalecurve.engine.store.lines_to_totals import read_totals

    scanned = engine.scan_orders(orders)
    budget = memory_budget(given.memory, scanned.n_rows)
    return lambda: read_totals(scanned, engine.Window(), budget, aside=given.out, value="margin")


def _measures(orders: Path, given: argparse.Namespace) -> Callable[[], object]:
    """What segments and measures add to scored customers: the seconds with them, less those without."""
    from whalecurve.cli.console import return_memory

    return_memory()
    from whalecurve.engine.runtime.memory import memory_budget
    from whalecurve.engine.runtime.table_source import batches
    from whalecurve.engine.scoring.job import open_job
    from whalecurve.engine.scoring.over_time import measured, membership_of
    from whalecurve.engine.scoring.prepare import Resources, prepare
    from whalecurve.engine.scoring.tally import CustomerTally
    from whalecurve.engine.segments.segment_table import segment_table_of
    from whalecurve.engine.stages import Stages

    job = open_job(orders, None, None, None)
    budget = memory_budget(given.memory, job.orders.n_rows)
    prepared = prepare(job, Resources(budget=budget, jobs=None, aside=given.out, state=None), None, Stages())

    def seconds_of(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    def plain() -> None:
        for _ in batches(prepared.scores.customers(prepared.ranking.columns)):
            pass

    def with_measures() -> None:
        membership = membership_of(prepared)
        tally = CustomerTally(membership)
        for _ in batches(tally.watch(prepared.customers())):
            pass
        measured(prepared, membership, segment_table_of(tally.sums, prepared.job.scheme), None)

    return lambda: -seconds_of(plain) + seconds_of(with_measures)


def _score(orders: Path, given: argparse.Namespace) -> Callable[[], object]:
    from whalecurve.cli.console import return_memory

    return_memory()
    from whalecurve import engine

    return lambda: engine.score(orders, out=given.out, overwrite=True, memory=given.memory)


WORK = {
    "decode": _decode,
    "polars": _polars,
    "duckdb": _duckdb,
    "pandas": _pandas,
    "summary": _summary,
    "logged": _logged,
    "measures": _measures,
    "score": _score,
}


def main() -> None:
    """Do one piece of work and print its seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=WORK)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--memory", type=int)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    work = WORK[given.work](given.orders, given)
    began = time.perf_counter()
    kept = work()
    seconds = kept if isinstance(kept, float) else time.perf_counter() - began  # or what the work itself says
    sys.stdout.write(json.dumps({"seconds": seconds}) + "\n")
    del kept


if __name__ == "__main__":
    main()
