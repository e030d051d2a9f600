"""Results are compared if they mean the same by their numbers; if not, it is said what differs."""

import pytest

from tests.engine.comparison.test_compare import LABELS, refused, results
from tests.engine.publication.test_read import rewritten, written
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
    other |= {"returns_rule": "off the last purchase", "scheme_rules": {"lifecycle": {"active_until": 0.7}}}
    other |= {"action_precedence": ["segment"]}
    other |= {"attributes": ["june.csv"], "attributes_key": "id", "pool_below": 3}
    assert set(other) | {"as_of", "covariates"} == set(MAY_DIFFER)
    old, new = results(tmp_path, **other)
    assert engine.compare(old, new).allowed == ()
    rewritten(new / "manifest.json", rows={"refused": {"before_since": 3}})
    assert 'since none against "2023-01-01"' in refused(old, new)


def test_what_an_older_result_does_not_know_is_what_was_always_done(tmp_path):
    usual = {"spend": "gamma-gamma", "value_axis": "total", "season": "none", "recalibrate": False, "fit_by": None}
    old, new = results(tmp_path, **usual)
    assert engine.compare(old, new).allowed == ()
    rewritten(new / "model.json", definitions=usual | {"recalibrate": True, "fit_by": "channel"})
    assert 'fit_by none against "channel"' in refused(old, new)


def test_a_name_that_is_no_definition_is_refused(tmp_path):
    old, new = results(tmp_path)
    assert 'allow=["luck"]: no such definition; choose one of columns.customer, value, since' in refused(
        old, new, allow=["luck"]
    )
    assert engine.compare(old, new, allow=["columns", "as_of"]).allowed == ()


BY_ORDER, BY_DAY = "off the sale under their order id", "off the last purchase"


def test_returns_taken_off_by_different_rules_are_told_where_there_are_returns(tmp_path):
    old, new = results(tmp_path, returns_rule=BY_ORDER)
    (words,) = (words for words in engine.compare(old, new).warnings if words.startswith("returns are"))
    assert words.startswith(f"returns are taken by a rule that is not recorded in {old}, {BY_ORDER} in {new}: monetary")
    rewritten(old / "manifest.json", lines={"returns": 0})
    assert any(words.startswith("returns are") for words in engine.compare(old, new).warnings)
    rewritten(new / "manifest.json", lines={"returns": 0})
    assert not any(words.startswith("returns are") for words in engine.compare(old, new).warnings)


def test_returns_taken_off_alike_are_not_spoken_of(tmp_path):
    old, new = (written(tmp_path / name, returns_rule=BY_DAY) for name in ("old", "new"))
    assert not any(words.startswith("returns are") for words in engine.compare(old, new).warnings)


OWN = {"bins": 2, "days_since_last": [9], "n_purchase_days": [2], "value": [10.0], "clv_total_high_value": 1.0}


@pytest.mark.parametrize(
    ("definitions", "cuts", "words"),
    [
        ({"thresholds_from": "7d"}, {}, None),
        ({}, {"value": [20.0]}, None),
        ({"rfm_method": "fixed"}, {"clv_total_high_value": 2.0}, None),
        ({"rfm_method": "fixed"}, {"days_since_last": [8]}, "by fixed cut-offs in {old}, by fixed cut-offs in {new}"),
        (
            {"thresholds_from": "7d"},
            {"clv_total_high_value": 2.0},
            "by cut-offs found among its customers in {old}, by the cut-offs of an earlier run in {new}",
        ),
    ],
    ids=["taken from the old one", "found in each", "the same fixed ones", "other fixed ones", "taken from a third"],
)
def test_given_cut_offs_that_are_not_the_same_are_told(definitions, cuts, words, tmp_path):
    fixed = {name: given for name, given in definitions.items() if name == "rfm_method"}
    old = written(tmp_path / "old", model={"thresholds": OWN}, **fixed)
    new = written(tmp_path / "new", model={"thresholds": OWN | cuts}, **definitions)
    told = [warning for warning in engine.compare(old, new).warnings if warning.startswith("scores are")]
    said = None if words is None else f"scores are {words.format(old=old, new=new)}, which are not the same: customers"
    assert [warning[: len(said or "")] for warning in told] == ([] if said is None else [said])


RULES = {
    "segments": {"Best": {"r": [2, 2], "f": [1, 2], "m": [1, 2]}, "Rest": {"r": [1, 1], "f": [1, 2], "m": [1, 2]}},
    "lifecycle": {"active_until": 0.8, "dormant_until": 0.95},
    "loyalty": {"gold": {"amount": 500.0}, "silver": {}},
}


def told_of_rules(tmp_path, before, after):
    old, new = (written(tmp_path / name, scheme_rules=rules) for name, rules in (("old", before), ("new", after)))
    effect = "customers change segments, tiers or stages for that reason too"
    return [
        words.removesuffix(f", {effect}").removesuffix(f": {effect}")
        for words in engine.compare(old, new).warnings
        if effect in words
    ]


def test_rules_of_a_scheme_that_differ_under_the_same_labels_are_told(tmp_path):
    other = RULES | {"lifecycle": {"active_until": 0.7, "dormant_until": 0.95}, "loyalty": {"gold": {"amount": 600.0}}}
    assert told_of_rules(tmp_path, RULES, other) == [
        "the rules of the schemes differ, lifecycle.active_until 0.8 against 0.7; loyalty.gold.amount 500.0 against "
        "600.0"
    ]


def test_of_many_rules_that_differ_the_first_are_told(tmp_path):
    other = {"segments": {name: {"r": [1, 2], "f": [1, 1], "m": [1, 2]} for name in ("Best", "Rest")}}
    (words,) = told_of_rules(tmp_path, RULES, other)
    assert words.startswith(
        "the rules of the schemes differ, segments.Best.r 2, 2 against 1, 2; segments.Best.f 1, 2 agai"
    )
    assert words.endswith(" and 4 more")


def test_the_same_rules_are_not_spoken_of(tmp_path):
    assert told_of_rules(tmp_path, RULES, RULES) == []


def test_a_result_that_does_not_record_its_rules_is_named(tmp_path):
    assert told_of_rules(tmp_path, None, RULES) == [
        f"{tmp_path / 'old'} does not record the rules of its scheme: where they differ"
    ]
