"""Ratios of a run against those that are stored: `python -m benchmarks.check RESULTS.json... [--store]`.

A ratio is a contestant's median over whalecurve's in the same group of the same run: of CPU seconds where each has
a process of its own, else by the clock. It is worse when whalecurve has lost more than `SLACK` of its lead.
"""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.rows import read_results, rows_of

BASELINE = Path(__file__).with_name("baseline.json")
SLACK = 0.2


def ratios_of(results: dict[str, Any]) -> dict[str, float]:
    """Ratio by group and contestant."""
    ratios = {
        f"{row.group} | {row.name}": row.cpu_ratio if "process" in row.group else row.ratio for row in rows_of(results)
    }
    return {name: ratio for name, ratio in ratios.items() if ratio is not None}


def worse(now: dict[str, float], before: dict[str, float]) -> list[str]:
    """A line for each ratio that has become worse, and for each that is gone."""
    lost = [f"{name}: not measured any more" for name in before if name not in now]
    return lost + [
        f"{name}: {before[name]:.3g} times whalecurve's before, {ratio:.3g} now"
        for name, ratio in now.items()
        if name in before and ratio < (1.0 - SLACK) * before[name]
    ]


def main(*given: str) -> int:
    """Compare, or store; the exit status."""
    now = ratios_of(read_results([path for path in given if path != "--store"]))
    if "--store" in given:
        BASELINE.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    worse_lines = worse(now, json.loads(BASELINE.read_text(encoding="utf-8")))
    sys.stdout.write("".join(f"{line}\n" for line in worse_lines) or "no ratio has become worse\n")
    return 1 if worse_lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
