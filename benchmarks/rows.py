"""Benchmark JSON -> one row a contestant: seconds, CPU seconds and peak memory, and its ratios to whalecurve."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOB = "whalecurve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One contestant in one group: medians, and ratios to whalecurve's where it takes part.

    seconds, ratio : by the clock
    cpu_seconds, cpu_ratio : user and system time on all cores, of the whole process where it is one of its own
    peak_mb : the most memory that the process ever held, where measured
    """

    group: str
    name: str
    seconds: float
    cpu_seconds: float | None
    peak_mb: float | None
    ratio: float | None
    cpu_ratio: float | None


def read_results(paths: Sequence[str | Path]) -> dict[str, Any]:
    """Results of several runs as those of one: what a later one measured again replaces what was there.

    `days`, `commits` and `versions` are those of all runs that are left.
    """
    runs = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    latest = {_key(bench): (bench, run) for run in runs for bench in run["benchmarks"]}
    left = [run for run in runs if any(run is its_run for _, its_run in latest.values())]
    return runs[-1] | {
        "benchmarks": [bench for bench, _ in latest.values()],
        "days": sorted({run["datetime"][:10] for run in left}),
        "versions": {name: version for run in left for name, version in run.get("versions", {}).items()},
        "commits": list(dict.fromkeys(run.get("commit_info", {}).get("id", "unknown")[:7] for run in left)),
    }


def rows_of(results: dict[str, Any]) -> list[Row]:
    """All contestants, whalecurve first in each group; no ratio where it did not take part."""
    groups: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for bench in results["benchmarks"]:
        group, name = _key(bench)
        groups[group][name] = {"seconds": bench["stats"]["median"]} | bench["extra_info"]
    rows = []
    for group, by_contestant in sorted(groups.items(), key=lambda item: _by_size(item[0])):
        ours = by_contestant.get(JOB, {})
        for name, about in sorted(by_contestant.items(), key=lambda item: item[0] != JOB):
            rows.append(
                Row(
                    group=group,
                    name=name,
                    seconds=about["seconds"],
                    cpu_seconds=about.get("cpu_seconds"),
                    peak_mb=about.get("peak_mb"),
                    ratio=_ratio(about, ours, "seconds"),
                    cpu_ratio=_ratio(about, ours, "cpu_seconds"),
                )
            )
    return rows


def _key(bench: dict[str, Any]) -> tuple[str, str]:
    return bench["group"], bench["extra_info"]["contestant"]


def _ratio(about: dict[str, Any], ours: dict[str, Any], measure: str) -> float | None:
    return about[measure] / ours[measure] if measure in about and measure in ours else None


def _by_size(group: str) -> tuple[bool, float, str]:
    """Groups by name, those of sizes last and by size."""
    first = group.split()[0]
    return ("fresh process" in group, float(first) if "fresh process" in group else 0.0, group)
