"""How exact the kernels are: every row of the oracle table, by model and quantity.

`python -m tests.tools.accuracy` prints the table and writes it into docs/accuracy.md. The oracle was computed with
fifty digits from the papers' closed forms and held against direct integration.
"""

import csv
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from whalecurve.kernels import bgbb, bgnbd, gamma_gamma, mbgnbd, pnbd

ROOT = Path(__file__).parents[2]
ORACLE = ROOT / "tests" / "reference" / "oracle.csv"
BEGIN, END = "<!-- accuracy table: made by tests/accuracy.py -->", "<!-- end of accuracy table -->"
TITLES = {"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "pnbd": "Pareto/NBD", "bgbb": "BG/BB", "gamma_gamma": "Gamma-Gamma"}
MODULES = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "pnbd": pnbd, "bgbb": bgbb, "gamma_gamma": gamma_gamma}
QUANTITIES = {
    "loglik": "log_likelihood",
    "p_alive": "p_alive",
    "expected": "expected_purchases",
    "conditional_expected": "conditional_expected_purchases",
    "pmf": "pmf",
    "dert": "dert",
    "expected_value": "expected_value",
}


@dataclass(frozen=True)
class Point:
    """One row of the oracle with the kernel's answer to it."""

    model: str
    quantity: str
    kind: str
    inputs: tuple[float, ...]
    params: tuple[float, ...]
    truth: float
    found: float

    @property
    def error(self) -> float:
        """Relative error; a log-likelihood near zero is held against one, what underflows against the least float."""
        scale = max(abs(self.truth), 1.0 if self.quantity == "loglik" else sys.float_info.min)
        return abs(self.found - self.truth) / scale if self.found == self.found else float("inf")

    @property
    def is_exact_enough(self) -> bool:
        """Whether the error is within the target: 1e-10; for a log-likelihood 1e-9 absolute or 1e-12 relative."""
        if self.quantity != "loglik":
            return self.error <= 1e-10
        return abs(self.found - self.truth) <= max(1e-9, 1e-12 * abs(self.truth))


def points() -> list[Point]:
    """Every row of the oracle, evaluated."""
    with ORACLE.open(newline="") as table:
        return [_point(row) for row in csv.DictReader(table)]


def _point(row: dict[str, str]) -> Point:
    model, quantity = row["model"], row["quantity"]
    params = tuple(float(row[name]) for name in ("p1", "p2", "p3", "p4") if row[name])
    inputs = tuple(float(row[name]) for name in ("i1", "i2", "i3", "i4") if row[name])
    kernel = getattr(MODULES[model], QUANTITIES[quantity])
    moved = (
        inputs[-1:] + inputs[:-1] if quantity in ("conditional_expected", "dert") else inputs
    )  # horizon or rate first
    return Point(model, quantity, row["kind"], inputs, params, float(row["value"]), float(kernel(*moved, *params)))


def table() -> str:
    """Worst and median error by model and quantity, and the kind of point with the worst."""
    groups: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in points():
        groups[point.model, point.quantity].append(point)
    lines = [
        "| model | quantity | points | worst error | at | median error |",
        "| --- | --- | ---: | ---: | --- | ---: |",
    ]
    for model in TITLES:
        for quantity, kernel in QUANTITIES.items():
            if (model, quantity) in groups:
                group = groups[model, quantity]
                worst = max(group, key=lambda point: point.error)
                middle = median(point.error for point in group)
                where = worst.kind.replace("_", " ")
                lines.append(
                    f"| {TITLES[model]} | `{kernel}` | {len(group)} | {worst.error:.0e} | {where} | {middle:.0e} |"
                )
    return "\n".join(lines)


def write(document: Path) -> None:
    """Put the table between its two marks."""
    before, rest = document.read_text(encoding="utf-8").split(BEGIN)
    document.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
    write(ROOT / "docs" / "accuracy.md")
