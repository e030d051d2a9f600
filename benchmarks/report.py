"""Benchmark JSON -> the tables in README.md and benchmarks/README.md. `python -m benchmarks.report RESULTS.json`."""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGETS = (ROOT / "README.md", ROOT / "benchmarks" / "README.md")
BEGIN, END = "<!-- benchmark table: made by benchmarks/report.py -->", "<!-- end of benchmark table -->"


def rows_of(results: dict[str, Any]) -> list[tuple[str, str, float, float]]:
    """Group, contestant, median seconds and ratio to whalecurve's median in the group."""
    groups: dict[str, dict[str, float]] = defaultdict(dict)
    for bench in results["benchmarks"]:
        groups[bench["group"]][bench["extra_info"]["contestant"]] = bench["stats"]["median"]
    return [
        (group, name, median, median / medians["whalecurve"])
        for group, medians in sorted(groups.items())
        for name, median in sorted(medians.items(), key=lambda item: item[0] != "whalecurve")
    ]


def table_of(results: dict[str, Any]) -> str:
    """The table with a line that says what it was measured on."""
    cpu = results["machine_info"]["cpu"]
    versions = results["benchmarks"][0]["extra_info"]["versions"]
    lines = ["| work | by | median | x whalecurve |", "| --- | --- | ---: | ---: |"]
    lines += [f"| {group} | {name} | {_seconds(s)} | {ratio:,.3g} |" for group, name, s, ratio in rows_of(results)]
    about = ", ".join(f"{name} {version}" for name, version in versions.items())
    made = f"`make bench`, {results['datetime'][:10]}, {cpu['count']} cores of {cpu['brand_raw']}; {about}."
    return "\n".join([*lines, "", made])


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1.0 else f"{1e3 * seconds:.3g} ms"


def write(table: str, path: Path) -> None:
    """Put the table between the two marks of a document."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def main(path: str) -> None:
    """Print the table and put it into the documents."""
    table = table_of(json.loads(Path(path).read_text(encoding="utf-8")))
    sys.stdout.write(table + "\n")
    for target in TARGETS:
        write(table, target)


if __name__ == "__main__":
    main(sys.argv[1])
