"""Results read back: the customers as they were scored, and one line for everything that is no such result."""

import json
from datetime import date
from importlib.metadata import version

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine import Message
from whalecurve.engine.errors import setting
from whalecurve.engine.publication.layout import FORMAT
from whalecurve.engine.publication.publish import outputs_below, write_customers, write_json, write_table

DEFINITIONS = {"as_of": "2024-03-31", "since": None, "columns": {"customer": "customer_id"}, "value": "revenue"}
CUSTOMERS = {
    "customer_id": [1, 2, 3, 4],
    "last_purchase": [date(2024, 3, 1), date(2024, 2, 1), date(2024, 1, 1), None],
    "value": [40.0, 30.0, 20.0, -1.0],
    "clv": [4.0, 3.0, 2.0, None],
    "clv_total": [44.0, 33.0, 22.0, None],
    "risk": ["low", "low", "high", None],
    "matrix_segment": ["Grow", "Maintain", "Divest", None],
    "rfm_segment": ["Best", "Best", "1=0%/rest", None],
}
LABELS = {"rfm": ["Best", "1=0%/rest", "Nobody"], "matrix": ["Retain", "Divest", "Grow", "Maintain"]}


def written(
    path,
    customers=CUSTOMERS,
    *,
    as_of=date(2024, 3, 31),
    layout="hive",
    labels=LABELS,
    run_id="run",
    model=None,
    **other,
):
    """A result of `score` made by hand; `other` are definitions."""
    frame = customers if isinstance(customers, pl.DataFrame) else pl.DataFrame(customers)
    path.mkdir(parents=True)
    write_customers(frame.lazy(), path / "customers", layout)
    rows = [{"scheme": scheme, "segment": label} for scheme, names in labels.items() for label in names]
    write_table(pl.DataFrame(rows, schema={"scheme": pl.String, "segment": pl.String}), path / "segments.parquet")
    nothing = {"model": "bgnbd", "params": None, "standard_errors": None}
    cuts = {"bins": 2, "days_since_last": [9], "n_purchase_days": [2], "value": [10.0], "clv_total_high_value": None}
    record = {"transactions": nothing, "spend": nothing | {"model": "gamma_gamma"}, "thresholds": cuts}
    definitions = DEFINITIONS | {"as_of": as_of.isoformat()} | other
    write_json(record | (model or {}) | {"definitions": definitions}, path / "model.json")
    manifest = {"run_id": run_id, "version": "0", "as_of": as_of.isoformat(), "rows": {"refused": {}}}
    write_json(manifest | {"outputs": outputs_below(path)}, path / "manifest.json")
    return path


def rewritten(path, **keys):
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


def refusal(path):
    with pytest.raises(engine.InputError) as caught:
        engine.open_result(path)
    return str(caught.value)


@pytest.mark.parametrize("layout", ["hive", "flat"])
@pytest.mark.parametrize("folder", ["scores", "day=3/x[1]*/scores"])
def test_customers_come_back_as_they_were_written(layout, folder, tmp_path):
    result = engine.open_result(written(tmp_path / folder, layout=layout))
    found = result.customers.select(*CUSTOMERS).sort("customer_id").collect()
    assert found.equals(pl.DataFrame(CUSTOMERS))
    assert set(result.columns) == set(CUSTOMERS)
    assert (result.as_of, result.definitions["value"]) == (date(2024, 3, 31), "revenue")
    assert result.segments["segment"].to_list() == [*LABELS["rfm"], *LABELS["matrix"]]


def test_warnings_name_settings_as_they_did_when_they_were_written(tmp_path):
    warnings = [Message(f"{setting('spend', 'auto')} chose one"), Message("one-time buyers: 3")]
    result = written(tmp_path / "scores")
    rewritten(result / "manifest.json", warnings=warnings, settings_in_warnings=[words.places() for words in warnings])
    again = engine.open_result(result).manifest["warnings"]
    assert again == ['spend="auto" chose one', "one-time buyers: 3"]
    assert [words.written(lambda name, value: f"--{name} {value}") for words in again] == [
        "--spend auto chose one",
        "one-time buyers: 3",
    ]


def test_warnings_of_an_older_result_are_text_alone(tmp_path):
    result = written(tmp_path / "scores")
    rewritten(result / "manifest.json", warnings=['spend="auto" chose one'])
    (words,) = engine.open_result(result).manifest["warnings"]
    assert (words, words.settings) == ('spend="auto" chose one', ())


@pytest.mark.parametrize("places", [[], 3, [3], [[3]], [[{"start": 0}]], [[{}], []]])
def test_warnings_that_were_changed_by_hand_are_refused(places, tmp_path):
    result = written(tmp_path / "scores")
    rewritten(result / "manifest.json", warnings=["too few"], settings_in_warnings=places)
    assert "manifest.json: warnings were changed (" in refusal(result)


def test_only_what_is_taken_is_read(tmp_path):
    result = engine.open_result(written(tmp_path / "scores"))
    assert result.take("risk", "rfm_segment").collect().columns == ["risk", "rfm_segment"]
    with pytest.raises(engine.InputError, match=r"no column mood, luck; the result is of whalecurve 0: score its"):
        result.take("risk", "mood", "luck")


def test_a_real_result_opens(tmp_path):
    pl.DataFrame(
        {"customer_id": [1, 1, 2], "order_ts": [date(2024, 1, d) for d in (1, 5, 9)], "amount": [1.0, 2.0, 3.0]}
    ).write_parquet(tmp_path / "log.parquet")
    run = engine.score(tmp_path / "log.parquet", out=tmp_path / "scores")
    result = engine.open_result(tmp_path / "scores")
    assert (result.manifest, result.model, result.as_of) == (run.manifest, run.model, run.as_of)
    assert result.segments.equals(run.segments)
    assert result.take("customer_id", "rfm_segment").collect().height == 2


def test_what_is_no_result_of_score_is_refused(tmp_path):
    assert refusal(tmp_path / "gone").endswith("gone: no such directory; name a directory that whalecurve score wrote")
    (tmp_path / "file").touch()
    assert "file: a file; name" in refusal(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert "empty: no whalecurve result; name" in refusal(tmp_path / "empty")
    for name in ("manifest.json", "model.json"):
        (tmp_path / "empty" / name).write_text("{}")
    assert "a result, but not of whalecurve score" in refusal(tmp_path / "empty")
    other = written(tmp_path / "other")
    rewritten(other / "manifest.json", command="compare")
    assert "other: a result of whalecurve compare, but not of whalecurve score; name" in refusal(other)


@pytest.mark.parametrize("name", ["manifest.json", "model.json"])
def test_a_record_in_a_form_that_only_a_newer_version_knows_is_refused(name, tmp_path):
    path = written(tmp_path / "scores")
    rewritten(path / name, format=FORMAT)
    assert engine.open_result(path).as_of == date(2024, 3, 31)
    rewritten(path / name, format=FORMAT + 1)
    assert refusal(path) == (
        f"{path / name}: has format {FORMAT + 1}, and whalecurve {version('whalecurve')} reads up to {FORMAT}; read it "
        f"with the newer version that wrote it, or make the result again with this one"
    )
    rewritten(path / name, format="two")
    assert f"{name}: has format two, and" in refusal(path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: next(path.rglob("rfm_segment=Best/*")).unlink(), "0.parquet is missing, by its manifest"),
        (lambda path: (path / "customers" / "more.parquet").write_bytes(b"PAR1"), "more.parquet is not of the run"),
        (lambda path: (path / "segments.parquet").write_bytes(b"PAR1"), "segments.parquet: cannot be read"),
        (lambda path: (path / "segments.parquet").unlink(), "segments.parquet: cannot be read"),
        (lambda path: (path / "model.json").write_text("{"), "model.json: not JSON"),
        (lambda path: (path / "model.json").write_text("[]"), "model.json: has no definitions"),
        (lambda path: rewritten(path / "manifest.json", as_of="soon"), 'as_of is "soon", expected a day'),
        (lambda path: rewritten(path / "manifest.json", outputs=[1]), "outputs is not a list of files"),
        (lambda path: next(path.rglob("rfm_segment=Best/*")).write_bytes(b"PAR1"), "0.parquet is changed, by its"),
    ],
)
def test_a_damaged_result_is_refused_in_one_line_that_names_the_file(damage, message, tmp_path):
    path = written(tmp_path / "scores")
    damage(path)
    found = refusal(path)
    assert message in found
    assert found.startswith(str(path))
    assert "\n" not in found
