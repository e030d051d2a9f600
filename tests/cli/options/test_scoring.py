from dataclasses import fields

from whalecurve.cli.options.scoring import ModelOptions, RfmScoringOptions, ScoringOptions
from whalecurve.engine import Scoring


def test_left_alone_the_options_are_the_defaults_of_the_engine():
    assert Scoring(**ScoringOptions().settings) == Scoring()
    assert Scoring(**ModelOptions().settings, **RfmScoringOptions().settings) == Scoring()


def test_together_the_options_give_every_setting_once():
    settings = [*ModelOptions().settings, *RfmScoringOptions().settings]
    assert sorted(settings) == sorted(field.name for field in fields(Scoring))


def test_options_go_by_the_names_of_the_engine():
    options = RfmScoringOptions(horizon=30, risk_horizon=60, discount=0.05, rfm_bins=4)
    scoring = Scoring(**options.settings)
    assert (scoring.horizon_days, scoring.risk_days, scoring.annual_discount, scoring.rfm_bins) == (30, 60, 0.05, 4)


def test_columns_of_covariates_are_parted_by_commas():
    assert ModelOptions(covariate_columns="age, city").settings["covariate_columns"] == ("age", "city")
    assert ModelOptions(covariate_columns="age,, city,").settings["covariate_columns"] == ("age", "city")
    assert ModelOptions(covariate_columns="").settings["covariate_columns"] is None
