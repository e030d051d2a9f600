"""Benchmark JSON -> tables of docs/speed.md and benchmarks/README.md: `python -m benchmarks.report RESULTS.json...`.

Of several results, later ones replace what they measured again.
"""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.budgets import BUDGETS, RETAIL, SMALL, TINY
from benchmarks.rows import Row, read_results, rows_of

ROOT = Path(__file__).parents[1]
TARGETS = (ROOT / "docs" / "speed.md", ROOT / "benchmarks" / "README.md")
BEGIN, END = "<!-- benchmark table: made by benchmarks/report.py -->", "<!-- end of benchmark table -->"
SCALING_BEGIN, SCALING_END = "<!-- scaling: made by benchmarks/report.py -->", "<!-- end of scaling -->"
START_BEGIN, START_END = "<!-- start-up: made by benchmarks/report.py -->", "<!-- end of start-up -->"
BUDGET_BEGIN, BUDGET_END = "<!-- budget: made by benchmarks/report.py -->", "<!-- end of budget -->"
DRAWN = ("whalecurve", "Polars, two-level group_by", "DuckDB, the same")


def table_of(results: dict[str, Any]) -> str:
    """The table with a line that says what it was measured on."""
    lines = [
        "| work | by | CPU | x whalecurve | wall | x whalecurve | peak memory |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows_of(results):
        cells = (
            *(row.group, row.name, _seconds(row.cpu_seconds), _times(row.cpu_ratio)),
            *(_seconds(row.seconds), _times(row.ratio), _megabytes(row.peak_mb)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", about(results)])


def start_up_of(results: dict[str, Any]) -> str:
    """Whole runs of small logs, from the command to its end: what a first look measures."""
    lines = [
        "| whole process | by | wall | CPU | CPU, x whalecurve | peak memory |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    rows = {(row.group, row.name): row for row in rows_of(results)}
    for group, title in ((RETAIL, _retail_title(results)), (SMALL, "200,000 lines"), (TINY, "20 lines")):
        for row in (row for (its_group, _), row in rows.items() if its_group == group):
            cells = _seconds(row.seconds), _seconds(row.cpu_seconds), _times(row.cpu_ratio), _megabytes(row.peak_mb)
            lines.append(f"| {title} | {row.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _retail_title(results: dict[str, Any]) -> str:
    logs = {bench["extra_info"].get("log") for bench in results["benchmarks"] if bench["group"] == RETAIL}
    name = "Online Retail" if logs == {"Online Retail"} else "a log like Online Retail"
    return f"{name}, 1,044,847 lines"


def scaling_of(results: dict[str, Any]) -> str:
    """Time and peak memory by number of order lines: a table of the whole job beside its rivals, and charts of each."""
    by_name: dict[str, dict[int, Row]] = defaultdict(dict)
    for bench in results["benchmarks"]:
        if "orders" in bench["extra_info"]:
            (row,) = rows_of({"benchmarks": [bench]})
            by_name[row.name][bench["extra_info"]["orders"]] = row
    sizes = sorted({n for rows in by_name.values() for n in rows})
    heads = " | ".join(f"{n / 1e6:,.0f} M lines" for n in sizes)
    lines = [f"| seconds, CPU seconds, peak memory | {heads} |", "| --- |" + " ---: |" * len(sizes)]
    for name, rows in by_name.items():
        cells = (_measures(rows[n]) if n in rows else "" for n in sizes)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    drawn = [(name, rows) for name, rows in by_name.items() if name in DRAWN]
    charts = [
        _chart(
            "CPU seconds", sizes, [(name, {n: row.cpu_seconds or 0 for n, row in rows.items()}) for name, rows in drawn]
        ),
        _chart("Seconds", sizes, [(name, {n: row.seconds for n, row in rows.items()}) for name, rows in drawn]),
        _chart(
            "Peak memory, MB", sizes, [(name, {n: row.peak_mb or 0 for n, row in rows.items()}) for name, rows in drawn]
        ),
    ]
    return "\n".join([*lines, "", *charts])


def _measures(row: Row) -> str:
    cpu = [] if row.cpu_seconds is None else [f"{row.cpu_seconds:.2f}"]
    return ", ".join([f"{row.seconds:.2f} s", *cpu, _megabytes(row.peak_mb)])


def _chart(title: str, sizes: list[int], lines: list[tuple[str, dict[int, float]]]) -> str:
    """A chart that Markdown shows as a picture: one line a contestant, over the sizes that all of them did."""
    shared = [n for n in sizes if all(n in values for _, values in lines)]
    axis = ", ".join(f'"{n / 1e6:,.0f} M"' for n in shared)
    most = max((values[n] for _, values in lines for n in shared), default=1.0)
    drawn = [f'    line "{name}" [{", ".join(f"{values[n]:.2f}" for n in shared)}]' for name, values in lines]
    named = "; ".join(name for name, _ in lines)
    chart = ["```mermaid", "xychart-beta", f'    title "{title} by order lines: {named}"', f"    x-axis [{axis}]"]
    return "\n".join([*chart, f'    y-axis "{title}" 0 --> {1.05 * most:.0f}', *drawn, "```", ""])


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
    """On what machine, when, with which versions, at which commit."""
    cpu = results["machine_info"]["cpu"]
    named = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    when, commits = ", ".join(results["days"]), ", ".join(results["commits"])
    return f"`make bench`, {when}, {cpu['count']} cores of {cpu['brand_raw']}; {named}; commit {commits}."


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:,.3g}"


def _megabytes(peak: float | None) -> str:
    return "" if peak is None else f"{peak:,.0f} MB"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds >= 1.0 else f"{1e3 * seconds:.3g} ms"


def write(table: str, path: Path, begin: str = BEGIN, end: str = END) -> None:
    """Put a table between two marks of a document."""
    before, rest = path.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    path.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")


def main(*paths: str) -> None:
    """Print the table and put it into the documents."""
    results = read_results(paths)
    table = table_of(results)
    sys.stdout.write(table + "\n")
    for target in TARGETS:
        write(table, target)
        write(start_up_of(results), target, START_BEGIN, START_END)
    write(scaling_of(results), TARGETS[1], SCALING_BEGIN, SCALING_END)
    write(budget_of(results), TARGETS[1], BUDGET_BEGIN, BUDGET_END)


if __name__ == "__main__":
    main(*sys.argv[1:])
