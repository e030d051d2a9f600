"""An experiment on disk, published whole or not at all."""

from itertools import chain
from pathlib import Path

import polars as pl

from whalecurve.engine.experiments.assignment_file import ASSIGNMENT, KNOWN
from whalecurve.engine.experiments.record import write_experiment
from whalecurve.engine.experiments.results import Assigned
from whalecurve.engine.outputs import table_at
from whalecurve.engine.publication import (
    FORMAT,
    MODEL,
    Result,
    described,
    recorded,
    write_csv_parts,
    write_json,
    write_table,
)
from whalecurve.engine.runtime import batches
from whalecurve.engine.stages import Stages

COMMAND = "experiment assign"


def publish(found: Assigned, out: Path, result: Result, stages: Stages) -> None:
    """Write `assignment.parquet`, `assignment.csv`, `arms.parquet`, `experiment.json`, and the usual records.

    A directory that has the earlier customers of the experiment is replaced in one step.
    """
    definitions = found.record.to_dict()
    with recorded(
        out,
        COMMAND,
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
        customers={
            "assigned": sum(found.record.counts.values()),
            "held_out": sum(wave.held_out for wave in found.record.waves),
            "new": found.n_new,
        },
    ) as staging:
        about = described(found.customers.collect_schema(), table_at(COMMAND, ASSIGNMENT))
        found.customers.sink_parquet(staging / ASSIGNMENT, compression="zstd", compression_level=1, arrow_schema=about)
        arms = pl.scan_parquet(staging / ASSIGNMENT, glob=False).drop(KNOWN)
        nobody = arms.clear().collect()
        write_csv_parts(chain([nobody], batches(arms)), (staging / ASSIGNMENT).with_suffix(".csv"))
        write_table(found.table, staging / "arms.parquet", of=COMMAND)
        write_experiment(found.record, staging)
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
