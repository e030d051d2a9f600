"""What lies where in the directory of a result."""

from pathlib import Path

MANIFEST, MODEL, MEASURES, SCHEMA = "manifest.json", "model.json", "measures.json", "schema.json"

CUSTOMER = "customer_id"
"""Column of ids in `customers`, and in every table of customers that is made of a result."""

FORMAT = 1
"""Number of the form of `manifest.json` and `model.json`: raised when a reader of the old form would misread the new.

A file without a number is of a time before them, and of form 0.
"""


def is_result(directory: Path) -> bool:
    """Whether a directory holds what a run of whalecurve wrote."""
    return (directory / MANIFEST).is_file() and (directory / MODEL).is_file()
