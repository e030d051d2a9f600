"""A validation on disk: whole or not at all, and equal to what was returned."""

import json

import polars as pl
import pytest

from tests.support import cdnow
from whalecurve import engine


def validated(folder, **options):
    path = folder / "orders.parquet"
    cdnow.sample().write_parquet(path)
    return engine.validate(path, holdout_days=90, **options)


def test_what_is_published_is_what_was_found(tmp_path):
    out = tmp_path / "out"
    found = validated(tmp_path, model="bgnbd", out=out)
    names = ("customers", "measures", "groups", "deciles", "tracking")
    for name in names:
        assert pl.read_parquet(out / f"{name}.parquet").equals(getattr(found, name))
    assert json.loads((out / "validation.json").read_text()) == found.to_dict()
    manifest = json.loads((out / "manifest.json").read_text())
    assert {file["path"] for file in manifest["outputs"]} == {
        *(f"{name}.parquet" for name in names),
        "validation.json",
        "model.json",
        "schema.json",
    }
    rows = manifest["rows"]
    assert rows["read"] == rows["filtered"] + rows["used"] + sum(rows["refused"].values())
    assert (manifest["split"], manifest["as_of"]) == ("1998-04-01", "1998-06-30")
    definitions = json.loads((out / "model.json").read_text())["definitions"]
    assert (definitions["holdout_days"], definitions["models"]) == (90, ["bgnbd"])


def test_a_previous_result_stays_until_it_may_be_replaced(tmp_path):
    out = tmp_path / "out"
    validated(tmp_path, model="bgnbd", out=out)
    before = (out / "validation.json").read_text()
    with pytest.raises(engine.InputError, match="overwrite=True"):
        validated(tmp_path, model="mbgnbd", out=out)
    assert (out / "validation.json").read_text() == before
    validated(tmp_path, model="mbgnbd", out=out, overwrite=True)
    assert json.loads((out / "validation.json").read_text())["best_model"] == "mbgnbd"


def test_nothing_is_published_when_writing_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("whalecurve.engine.validation.output.write_json", fail)
    with pytest.raises(engine.InputError, match="No space left"):
        validated(tmp_path, model="bgnbd", out=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["orders.parquet"]
