"""One piece of work in a process of its own: its seconds, and the most memory that the process ever held.

`python -m benchmarks.fresh WORK ORDERS [--memory BYTES] [--out DIR]` prints them as JSON. Memory is read from the
kernel at the end, as allocations of Polars and DuckDB escape Python's own accounts.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Medians of a few fresh processes: seconds of the work, of the whole process, and megabytes at the peak."""

    seconds: float
    process_seconds: float
    peak_mb: float


def measured(work: str, orders: Path, *, rounds: int = 3, **options: str | int | Path) -> Measured:
    """Run a piece of work a few times, each in a fresh process."""
    return measured_in_turns([work], orders, rounds=rounds, **options)[work]


def measured_in_turns(
    works: Sequence[str], orders: Path, *, rounds: int, **options: str | int | Path
) -> dict[str, Measured]:
    """Run pieces of work that are to be compared one after the other, a few times: what slows the machine slows all."""
    runs: dict[str, list[dict[str, float]]] = {work: [] for work in works}
    for _ in range(rounds):
        for work in works:
            command = [sys.executable, "-m", "benchmarks.fresh", work, str(orders)]
            for name, value in options.items():
                command += [f"--{name}", str(value)]
            began = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
            run = json.loads(done.stdout.splitlines()[-1])
            runs[work].append(run | {"process": time.perf_counter() - began})
    return {
        work: Measured(
            seconds=statistics.median(run["seconds"] for run in each),
            process_seconds=statistics.median(run["process"] for run in each),
            peak_mb=statistics.median(run["peak_mb"] for run in each),
        )
        for work, each in runs.items()
    }


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


def peak_mb() -> float:
    """The most memory this process ever held, in megabytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise RuntimeError("the kernel does not say; this needs Linux")


def main() -> None:
    """Do one piece of work and print what it took."""
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
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}) + "\n")
    del kept


if __name__ == "__main__":
    main()
