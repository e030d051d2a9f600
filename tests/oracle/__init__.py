"""Arbitrary-precision references: mpmath from the models' definitions, nothing of ours.

Slow points are stored in tests/reference; the readers are here.
"""

import csv
import json
from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "reference"


def table(model, quantity):
    """Rows of oracle.csv: parameters, inputs, value."""
    with (REFERENCE / "oracle.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if (row["model"], row["quantity"]) == (model, quantity):
                params, inputs = (tuple(float(row[f"{k}{i}"]) for i in range(1, 5) if row[f"{k}{i}"]) for k in "pi")
                yield params, inputs, float(row["value"])


def integrals(model):
    """Rows of bgnbd_integrals.csv: function, arguments in the kernels' order, value."""
    with (REFERENCE / "bgnbd_integrals.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["model"] == model:
                yield row["function"], tuple(map(float, row["arguments"].split())), float(row["value"])


def published(model):
    """Entries of published_kernels.json: function, arguments in the kernels' order, value, tolerance."""
    for entry in json.loads((REFERENCE / "published_kernels.json").read_text()):
        if entry["model"] == model:
            tolerance = {"rel": entry.get("rel", 0.0), "abs": entry.get("abs", 0.0)}
            yield entry["function"], tuple(map(float, entry["args"])), entry["expected"], tolerance
