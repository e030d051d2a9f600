"""The record of an experiment, `experiment.json`: what was fixed before it began, and who was assigned when."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.experiments.design import Design
from whalecurve.engine.experiments.shares import Arm
from whalecurve.engine.paths import refuse_impossible
from whalecurve.engine.publication import FORMAT, read_record, write_json

RECORD = "experiment.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Customers who were assigned together.

    entered : the first day on which they are followed
    scores, as_of : the result that they were taken from: its run id, and the last day that it observed
    customers : in arms; held_out : in the universal holdout
    """

    entered: date
    scores: str
    as_of: date
    customers: int
    held_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCount:
    """The customers of a stratum in an arm, of all waves."""

    stratum: str
    arm: str
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An experiment: its frozen design, and how many customers were assigned to what.

    design : with the metric resolved
    value : what customers are valued by: margin or revenue
    waves : in the order in which they entered; one, unless entry is rolling
    cells : by stratum and arm, in the order of their names and of the arms
    """

    design: Design
    value: str
    waves: tuple[Wave, ...]
    cells: tuple[CellCount, ...]

    @property
    def name(self) -> str:
        """Of the experiment."""
        return self.design.name

    @property
    def salt(self) -> str:
        """What ids of customers are hashed with, see `buckets`: the name. Told, so that a warehouse can find it."""
        return self.design.name

    @property
    def arms(self) -> tuple[Arm, ...]:
        """With their shares."""
        return self.design.arms

    @property
    def control(self) -> str:
        """The arm that others are compared with."""
        assert self.design.control is not None, "a design has found it"
        return self.design.control

    @property
    def started(self) -> date:
        """The day on which the first customers entered."""
        return self.waves[0].entered

    @property
    def counts(self) -> dict[str, int]:
        """Customers of each arm."""
        return {
            arm.name: sum(cell.customers for cell in self.cells if cell.arm == arm.name) for arm in self.design.arms
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        waves = [
            asdict(wave) | {"entered": wave.entered.isoformat(), "as_of": wave.as_of.isoformat()} for wave in self.waves
        ]
        return {
            "format": FORMAT,
            "experiment": self.name,
            "salt": self.salt,
            "value": self.value,
            "design": self.design.to_dict(),
            "waves": waves,
            "cells": [asdict(cell) for cell in self.cells],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Record":
        """What `to_dict` made.

        Raises
        ------
        InputError
            A value that will not do.
        KeyError, TypeError, ValueError
            Data of another shape.
        """
        waves = [
            Wave(**wave | {name: date.fromisoformat(wave[name]) for name in ("entered", "as_of")})
            for wave in data["waves"]
        ]
        if not waves:
            raise ValueError("no waves")
        design = Design.from_dict(data["design"])
        if data["salt"] != design.name:
            raise ValueError(f"salt {data['salt']!r} is not the name")
        return cls(
            design=design,
            value=str(data["value"]),
            waves=tuple(waves),
            cells=tuple(CellCount(**cell) for cell in data["cells"]),
        )


def read_experiment(directory: str | Path) -> Record:
    """The record of the experiment in a directory.

    Raises
    ------
    InputError
        There is none, or one that was changed or is of a newer version.
    """
    path = Path(directory)
    refuse_impossible(path, str(path))
    if not (path / RECORD).is_file():
        raise InputError(f"{path}: holds no experiment; name a directory that whalecurve experiment assign wrote")
    data = read_record(path / RECORD, "design", "salt", "value", "waves", "cells")
    try:
        return Record.from_dict(data)
    except (KeyError, TypeError, ValueError, AttributeError, InputError) as error:
        raise InputError(f"{path / RECORD}: was changed ({reason(error)}); restore it") from error


def write_experiment(record: Record, directory: Path) -> None:
    """Write the record to a directory that is being published."""
    write_json(record.to_dict(), directory / RECORD)
