"""Benchmark JSON -> the tables in README.md and benchmarks/README.md. `python -m benchmarks.report RESULTS.json`."""

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGETS = (ROOT / "README.md", ROOT / "benchmarks" / "README.md")
BEGIN, END = "<!-- benchmark table: made by benchmarks/report.py -->", "<!-- end of benchmark table -->"
SCALING_BEGIN, SCALING_END = "<!-- scaling: made by benchmarks/report.py -->", "<!-- end of scaling -->"
BUDGET_BEGIN, BUDGET_END = "<!-- budget: made by benchmarks/report.py -->", "<!-- end of budget -->"
DRAWN = ("whalecurve", "Polars, two-level group_by", "DuckDB, the same")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One contestant in one group: median seconds, peak megabytes where measured, ratio to whalecurve's seconds."""

    group: str
    name: str
    seconds: float
    peak_mb: float | None
    ratio: float | None


def rows_of(results: dict[str, Any]) -> list[Row]:
    """All contestants, whalecurve first in each group; no ratio where it did not take part."""
    groups: dict[str, dict[str, tuple[float, float | None]]] = defaultdict(dict)
    for bench in results["benchmarks"]:
        about = bench["extra_info"]
        seconds = about.get("seconds", bench["stats"]["median"])
        groups[bench["group"]][about["contestant"]] = (seconds, about.get("peak_mb"))
    rows = []
    for group, by_contestant in sorted(groups.items(), key=lambda item: _by_size(item[0])):
        ours = by_contestant.get("whalecurve")
        for name, (seconds, peak) in sorted(by_contestant.items(), key=lambda item: item[0] != "whalecurve"):
            ratio = seconds / ours[0] if ours else None
            rows.append(Row(group=group, name=name, seconds=seconds, peak_mb=peak, ratio=ratio))
    return rows


def table_of(results: dict[str, Any]) -> str:
    """The table with a line that says what it was measured on."""
    lines = ["| work | by | median | x whalecurve | peak memory |", "| --- | --- | ---: | ---: | ---: |"]
    for row in rows_of(results):
        ratio = "" if row.ratio is None else f"{row.ratio:,.3g}"
        peak = "" if row.peak_mb is None else f"{row.peak_mb:,.0f} MB"
        lines.append(f"| {row.group} | {row.name} | {_seconds(row.seconds)} | {ratio} | {peak} |")
    return "\n".join([*lines, "", about(results)])


def scaling_of(results: dict[str, Any]) -> str:
    """Time and peak memory by number of order lines: a table of the whole job beside its rivals, and two charts."""
    by_name: dict[str, dict[int, Row]] = defaultdict(dict)
    for bench in results["benchmarks"]:
        if "orders" in bench["extra_info"]:
            (row,) = rows_of({"benchmarks": [bench]})
            by_name[row.name][bench["extra_info"]["orders"]] = row
    sizes = sorted({n for rows in by_name.values() for n in rows})
    heads = " | ".join(f"{n / 1e6:,.0f} M lines" for n in sizes)
    lines = [f"| seconds, peak memory | {heads} |", "| --- |" + " ---: |" * len(sizes)]
    for name, rows in by_name.items():
        cells = (f"{rows[n].seconds:.2f} s, {rows[n].peak_mb:,.0f} MB" if n in rows else "" for n in sizes)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    drawn = [(name, rows) for name, rows in by_name.items() if name in DRAWN]
    charts = [
        _chart("Seconds", sizes, [(name, {n: row.seconds for n, row in rows.items()}) for name, rows in drawn]),
        _chart(
            "Peak memory, MB", sizes, [(name, {n: row.peak_mb or 0 for n, row in rows.items()}) for name, rows in drawn]
        ),
    ]
    return "\n".join([*lines, "", *charts])


def _chart(title: str, sizes: list[int], lines: list[tuple[str, dict[int, float]]]) -> str:
    """A chart that Markdown shows as a picture: one line a contestant, over the sizes that all of them did."""
    shared = [n for n in sizes if all(n in values for _, values in lines)]
    axis = ", ".join(f'"{n / 1e6:,.0f} M"' for n in shared)
    most = max((values[n] for _, values in lines for n in shared), default=1.0)
    drawn = [f'    line "{name}" [{", ".join(f"{values[n]:.2f}" for n in shared)}]' for name, values in lines]
    named = "; ".join(name for name, _ in lines)
    chart = ["```mermaid", "xychart-beta", f'    title "{title} by order lines: {named}"', f"    x-axis [{axis}]"]
    return "\n".join([*chart, f'    y-axis "{title}" 0 --> {1.05 * most:.0f}', *drawn, "```", ""])


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A promise: one measure of a run over another, or alone, against a bound."""

    work: str
    bound: str
    value: Callable[[dict[tuple[str, str], Row]], float]
    is_met: Callable[[float], bool]


FIFTY, HUGE = "5e+07 order lines, fresh process", "5e+08 order lines, fresh process"
JOB, TIGHT, POLARS = "whalecurve", "--memory 1GB", "Polars, two-level group_by"


def _over(group: str, name: str, other_group: str, other: str) -> Callable[[dict[tuple[str, str], Row]], float]:
    return lambda rows: rows[group, name].seconds / rows[other_group, other].seconds


def _added(rows: dict[tuple[str, str], Row]) -> float:
    """What the days of customers, segments and measures add to the summary, as a share of it."""
    names = ("summary alone", "summary with the days of customers", "segments and measures")
    plain, logged, more = (rows[FIFTY, name].seconds for name in names)
    return (logged - plain + more) / plain


def _sort(work: str) -> Budget:
    group = f"{work}, 1e+07 customers"
    ratio = _over(group, JOB, group, "one numpy.sort")
    return Budget(
        work=f"{work}, 10 M customers, over one numpy.sort", bound="at most 1", value=ratio, is_met=_at_most(1.0)
    )


def _at_most(bound: float) -> Callable[[float], bool]:
    return lambda value: value <= bound


def _at_least(bound: float) -> Callable[[float], bool]:
    return lambda value: value >= bound


BUDGETS = (
    Budget(
        work="whole job, 50 M lines, over the decode of its columns",
        bound="at most 5",
        value=_over(FIFTY, JOB, FIFTY, "decode of the columns"),
        is_met=_at_most(5.0),
    ),
    Budget(
        work="the same, over Polars' two-level group_by alone",
        bound="at most 1",
        value=_over(FIFTY, JOB, FIFTY, POLARS),
        is_met=_at_most(1.0),
    ),
    Budget(
        work="the same, peak memory of that group_by over ours",
        bound="at least 5",
        value=lambda rows: (
            (rows[FIFTY, "Polars, two-level group_by"].peak_mb or 0.0) / (rows[FIFTY, JOB].peak_mb or 1.0)
        ),
        is_met=_at_least(5.0),
    ),
    Budget(
        work="the same, peak memory, MB",
        bound="at most 1,000",
        value=lambda rows: rows[FIFTY, JOB].peak_mb or 0.0,
        is_met=_at_most(1000.0),
    ),
    Budget(
        work="`--memory 1GB`, peak memory, MB",
        bound="at most 1,074 (1 GiB)",
        value=lambda rows: rows[FIFTY, TIGHT].peak_mb or 0.0,
        is_met=_at_most(1074.0),
    ),
    Budget(
        work="`--memory 1GB`, over the run without",
        bound="at most 1.5",
        value=_over(FIFTY, TIGHT, FIFTY, JOB),
        is_met=_at_most(1.5),
    ),
    Budget(
        work="string ids over integer ids",
        bound="at most 1.5",
        value=_over(FIFTY, "string ids", FIFTY, JOB),
        is_met=_at_most(1.5),
    ),
    Budget(
        work="segments and measures over time, 50 M lines, over the summary alone",
        bound="at most 0.5",
        value=_added,
        is_met=_at_most(0.5),
    ),
    Budget(
        work="500 M lines over 50 M lines",
        bound="at most 11",
        value=_over(HUGE, JOB, FIFTY, JOB),
        is_met=_at_most(11.0),
    ),
    Budget(
        work="500 M lines under `--memory 4GB`, peak memory, MB",
        bound="at most 4,295 (4 GiB)",
        value=lambda rows: rows[HUGE, "--memory 4GB"].peak_mb or 0.0,
        is_met=_at_most(4295.0),
    ),
    Budget(
        work="BG/NBD fit, 1 M customers, lifetimes over whalecurve",
        bound="at least 50",
        value=_over("BG/NBD fit, 1e+06 customers", "lifetimes", "BG/NBD fit, 1e+06 customers", JOB),
        is_met=_at_least(50.0),
    ),
    Budget(
        work="12-month CLV, 1 M customers, lifetimes over whalecurve",
        bound="at least 100",
        value=_over("12-month CLV, 1e+06 customers", "lifetimes", "12-month CLV, 1e+06 customers", JOB),
        is_met=_at_least(100.0),
    ),
    *(_sort(work) for work in ("RFM scores", "ranks and shares on the whale curve", "Gini and top shares")),
    Budget(
        work="`whalecurve --help`, seconds",
        bound="at most 0.25",
        value=lambda rows: rows["whalecurve --help", JOB].seconds,
        is_met=_at_most(0.25),
    ),
)


def budget_of(results: dict[str, Any]) -> str:
    """What was promised and what was measured, row by row; a row without a measurement says so."""
    rows = {(row.group, row.name): row for row in rows_of(results)}
    lines = ["| work | budget | measured | |", "| --- | --- | ---: | --- |"]
    for budget in BUDGETS:
        try:
            value = budget.value(rows)
        except KeyError:
            lines.append(f"| {budget.work} | {budget.bound} | | not in this run |")
            continue
        lines.append(
            f"| {budget.work} | {budget.bound} | {_number(value)} | {'met' if budget.is_met(value) else '**missed**'} |"
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def about(results: dict[str, Any]) -> str:
    """On what machine, when, with which versions."""
    cpu = results["machine_info"]["cpu"]
    versions = next(b["extra_info"]["versions"] for b in results["benchmarks"] if "versions" in b["extra_info"])
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"`make bench`, {results['datetime'][:10]}, {cpu['count']} cores of {cpu['brand_raw']}; {named}."


def _by_size(group: str) -> tuple[bool, float, str]:
    """Groups by name, those of sizes last and by size."""
    first = group.split()[0]
    return ("fresh process" in group, float(first) if "fresh process" in group else 0.0, group)


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1.0 else f"{1e3 * seconds:.3g} ms"


def write(table: str, path: Path, begin: str = BEGIN, end: str = END) -> None:
    """Put a table between two marks of a document."""
    before, rest = path.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    path.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")


def main(path: str) -> None:
    """Print the table and put it into the documents."""
    results = json.loads(Path(path).read_text(encoding="utf-8"))
    table = table_of(results)
    sys.stdout.write(table + "\n")
    for target in TARGETS:
        write(table, target)
    write(scaling_of(results), TARGETS[1], SCALING_BEGIN, SCALING_END)
    write(budget_of(results), TARGETS[1], BUDGET_BEGIN, BUDGET_END)


if __name__ == "__main__":
    main(sys.argv[1])
