"""Results are compared if they mean the same by their numbers; if not, it is said what differs."""

import pytest

from tests.engine.comparison.test_compare import LABELS, refused, results
from tests.engine.publication.test_read import rewritten
from whalecurve import engine
from whalecurve.engine.comparison.definitions import MAY_DIFFER


@pytest.mark.parametrize(
    ("other", "name", "words"),
    [
        ({"risk_days": 90}, "risk_days", "risk_days none against 90"),
        ({"columns": {"customer": "id"}}, "columns", 'columns.customer "customer_id" against "id"'),
        ({"value": "margin"}, "value", 'value "revenue" against "margin"'),
        ({"covariates": "traits.parquet"}, "covariates", 'covariates none against "a file"'),
        (
            {"labels": LABELS | {"rfm": ["Best", "Middle", "Rest"]}},
            "scheme.rfm",
            "definitions differ: scheme.rfm Best, Rest against Best, Middle, Rest; score both alike",
        ),
        ({"rfm_rule": "1 + w"}, "rfm_rule", 'rfm_rule none against "1 + w";'),
        ({"covariate_columns": ["city", "age"]}, "covariate_columns", "covariate_columns none against city, age;"),
        ({"rfm_cuts": {"r": [90.0, 30.0]}}, "rfm_cuts", "rfm_cuts.r none against 90.0, 30.0;"),
    ],
)
def test_definitions_that_differ_are_named_with_both_values_and_may_be_allowed(other, name, words, tmp_path):
    old, new = results(tmp_path, **other)
    message = refused(old, new)
    assert words in message
    assert "not comparable, definitions differ: " in message
    assert f'allow=["{name}' in message
    allowed = engine.compare(old, new, allow=[name])
    assert [one.split(".")[0] for one in allowed.allowed] == [name.split(".")[0]]
    assert allowed.warnings[0].endswith("differs, as allowed")


def test_what_differs_by_nature_is_not_asked_for(tmp_path):
    other = {"forecast_from": "2024-07-01", "segments": "june.toml", "since": "2023-01-01", "thresholds_from": "7d"}
    assert set(other) | {"as_of", "covariates"} == set(MAY_DIFFER)
    old, new = results(tmp_path, **other)
    assert engine.compare(old, new).allowed == ()
    rewritten(new / "manifest.json", rows={"refused": {"before_since": 3}})
    assert 'since none against "2023-01-01"' in refused(old, new)


def test_a_name_that_is_no_definition_is_refused(tmp_path):
    old, new = results(tmp_path)
    assert 'allow=["luck"]: no such definition; there are columns.customer, value, since' in refused(
        old, new, allow=["luck"]
    )
    assert engine.compare(old, new, allow=["columns", "as_of"]).allowed == ()
