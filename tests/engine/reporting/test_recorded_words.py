"""Sentences that results record in English, said in the language of a report."""

import re

import pytest

from whalecurve.engine.reporting import recorded
from whalecurve.engine.reporting.language import written_in
from whalecurve.engine.reporting.locales import language_of
from whalecurve.engine.selection.churn_risk import Risk, RiskTest
from whalecurve.engine.selection.reliability import Reliability

WITHHELD = Risk(
    horizon_days=45,
    chosen="auto",
    test=RiskTest(
        split="2011-10-10", days=45, n_customers=2731, n_bought=535, auc=0.51, brier=0.2, brier_of_base_rate=0.1
    ),
).withheld
UNRELIABLE = Reliability(
    buyers=499,
    repeat=99,
    observed_days=100,
    median_gap=61,
    fit="poor",
    risk_withheld=WITHHELD,
    without_model="...",
)
NEEDED = (
    "of 2,476 customers known on 2011-10-10, 95 bought in the 45 days after it; 100 who did and as many who did not "
    "are needed"
)


@pytest.mark.parametrize("sentence", [WITHHELD, *UNRELIABLE.reasons, NEEDED])
def test_what_is_recorded_is_known_by_its_template(sentence):
    with written_in(language_of("ru", None)):
        said = recorded(sentence)
    assert not re.search("[a-z]", said.replace("AUC", "")), said
    assert recorded(sentence) == sentence


def test_numbers_and_dates_are_found_again_and_written_as_the_locale_has_them():
    with written_in(language_of("ru", None)):
        said = recorded(NEEDED).replace("\xa0", " ").replace("\u202f", " ")
    assert "известных на 10 окт. 2011 г. (всего 2 476), в следующие дни (45) купили 95" in said


def test_what_no_template_fits_stays_as_it_is():
    with written_in(language_of("ru", None)):
        assert recorded("a warning of tomorrow: 1,234 {x}") == "a warning of tomorrow: 1,234 {x}"
        assert recorded("") == ""
