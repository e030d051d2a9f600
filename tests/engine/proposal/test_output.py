import tomllib

import polars as pl
import pytest

from tests.support.exports import EXPORTS, shop
from tests.support.logs import log, write
from whalecurve import engine
from whalecurve.engine.proposal.output import settings_text


def test_the_file_says_what_was_decided_and_why_and_what_is_not_sure(tmp_path):
    path = write(tmp_path / "a.parquet", log(other_amount=pl.lit(1.5)).rename({"customer_id": 'the "customer"'}))
    text = settings_text(engine.propose(path))
    columns = {"customer": 'the "customer"', "time": "order_ts", "amount": "amount"}
    assert tomllib.loads(text) == {"version": 1, "columns": columns}
    assert '# called "amount"\namount = "amount"\n' in text
    assert "# Not sure:\n# - `amount` may as well be other_amount\n" in text


@pytest.mark.parametrize("name", EXPORTS)
def test_the_file_gives_back_the_columns(tmp_path, name):
    proposal = engine.propose(write(tmp_path / "a.parquet", EXPORTS[name](shop())[0]))
    settings = tomllib.loads(settings_text(proposal))["columns"]
    given = {key: tuple(value.split(",")) if key == "fill_down" else value for key, value in settings.items()}
    assert engine.Columns(**given) == proposal.columns


def test_a_name_of_several_lines_stays_in_its_comment(tmp_path):
    path = write(tmp_path / "a\nb.parquet")
    assert tomllib.loads(settings_text(engine.propose(path)))["columns"]["amount"] == "amount"


def test_a_file_that_is_there_is_replaced_only_if_it_is_asked_for(tmp_path):
    proposal, target = engine.propose(write(tmp_path / "a.parquet")), tmp_path / "whalecurve.toml"
    engine.write_settings(proposal, target)
    written = target.read_text()
    target.write_text("mine = 1")
    with pytest.raises(engine.InputError, match="is there already; replace it with overwrite=True, or name another"):
        engine.write_settings(proposal, target)
    assert target.read_text() == "mine = 1"
    engine.write_settings(proposal, target, overwrite=True)
    assert target.read_text() == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "whalecurve.toml"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    proposal = engine.propose(write(tmp_path / "a.parquet"))
    with pytest.raises(engine.InputError, match=r"no/whalecurve\.toml: cannot be written \(.*; choose another place"):
        engine.write_settings(proposal, tmp_path / "no" / "whalecurve.toml")
    with pytest.raises(engine.InputError, match="is there already"):
        engine.write_settings(proposal, tmp_path, overwrite=True)
