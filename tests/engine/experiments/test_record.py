"""The record of an experiment, written and read."""

import json
from datetime import date

import pytest

from whalecurve.engine import InputError
from whalecurve.engine.experiments import RECORD, CellCount, Design, Record, Wave, read_experiment, write_experiment

OURS = Record(
    design=Design(name="spring", arms="offer:1/3,control:2/3", metric="margin", effect=0.03),
    value="margin",
    waves=(Wave(entered=date(2026, 3, 1), scores="abc", as_of=date(2026, 2, 28), customers=6, held_out=1),),
    cells=(CellCount(stratum="all", arm="offer", customers=2), CellCount(stratum="all", arm="control", customers=4)),
)


def test_a_record_is_read_back_as_it_was_written(tmp_path):
    write_experiment(OURS, tmp_path)
    assert read_experiment(tmp_path) == OURS
    assert OURS.counts == {"offer": 2, "control": 4}
    assert (OURS.name, OURS.control, OURS.started) == ("spring", "control", date(2026, 3, 1))


def test_a_directory_without_an_experiment_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no experiment; name a directory"):
        read_experiment(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"waves": []},
        {"waves": [{"entered": "soon"}]},
        {"cells": [1]},
        {"salt": "summer"},
        {"design": {}},
        {"design": OURS.design.to_dict() | {"arms": [{"name": "a", "share": "0.5"}]}},
        {"design": OURS.design.to_dict() | {"colour": "red"}},
    ],
)
def test_a_record_that_was_changed_is_refused_in_a_line(tmp_path, change):
    (tmp_path / RECORD).write_text(json.dumps(OURS.to_dict() | change))
    with pytest.raises(InputError, match=r"experiment\.json: was changed") as refused:
        read_experiment(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_record_of_a_newer_form_is_refused(tmp_path):
    (tmp_path / RECORD).write_text(json.dumps(OURS.to_dict() | {"format": 99}))
    with pytest.raises(InputError, match="has format 99"):
        read_experiment(tmp_path)
