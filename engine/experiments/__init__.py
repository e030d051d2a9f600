"""Experiments: what is fixed before one begins, who is in which arm, and the record of both."""

from whalecurve.engine.experiments.arm_of_customer import arms_at, hash_bounds
from whalecurve.engine.experiments.assignment_file import ASSIGNMENT, COLUMNS, EVERYBODY, KNOWN, scan_assignment
from whalecurve.engine.experiments.design import Design, Entry, Metric, control_of
from whalecurve.engine.experiments.hash_places import PLACES, buckets, first_place, places_of
from whalecurve.engine.experiments.record import RECORD, CellCount, Record, Wave, read_experiment, write_experiment
from whalecurve.engine.experiments.shares import Arm, Slice, arms_of, share_of, share_text, slice_of

__all__ = [
    "ASSIGNMENT",
    "COLUMNS",
    "EVERYBODY",
    "KNOWN",
    "PLACES",
    "RECORD",
    "Arm",
    "CellCount",
    "Design",
    "Entry",
    "Metric",
    "Record",
    "Slice",
    "Wave",
    "arms_at",
    "arms_of",
    "buckets",
    "control_of",
    "first_place",
    "hash_bounds",
    "places_of",
    "read_experiment",
    "scan_assignment",
    "share_of",
    "share_text",
    "slice_of",
    "write_experiment",
]
