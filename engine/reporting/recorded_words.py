"""Sentences that a result recorded in English when it was made: what is known of them is said in the report's language.

A sentence is known by its template, in which the values are found again; one that no template fits stays as it is.
"""

import re
from functools import lru_cache

from whalecurve.engine.reporting.language import N_, gettext, language
from whalecurve.engine.reporting.words import day, number

FIXED = (
    N_("the purchase model fits poorly"),
    N_("risk is no better than chance on a holdout"),
    N_("read once, at the planned end"),
    N_("planned looks, error spent as O'Brien and Fleming do (Lan-DeMets)"),
    N_("confidence sequence (asymptotic): holds whenever it is read"),
    N_("spend outside of the observed days"),
    N_("spend without a name"),
    N_("spend that no first order names"),
    N_("customers in months without any costs"),
    N_("customers without a value on their first order"),
    N_("customers with several on it"),
    N_("customers without costs"),
)
TEMPLATES = (
    N_("{n} buyers (at least {least} needed)"),
    N_("{n} of them bought again (at least {least} needed)"),
    N_("{n} days observed (at least {least} needed)"),
    N_("{n} days observed, fewer than {least} median gaps of {gap} days"),
    N_("no purchase model: {reason}"),
    N_(
        "risk does not tell who comes back: of {n} customers known on {day}, {bought} bought in the {days} days after "
        "it, and the model ranks them with an AUC of {auc} (0.5 is chance, at least {least} is needed); churn risk, "
        "risk and cells of the matrix are withheld"
    ),
    N_(
        "of {n} customers known on {day}, {bought} bought in the {days} days after it; {least} who did and as many who "
        "did not are needed"
    ),
    N_("the log has {n} days, fewer than two risk horizons of {days}"),
    N_("the segment with the highest mean {worth}"),
    N_("the segment at low risk with the highest mean {worth}"),
)
"""As the sentences are made: why a result is not reliable and risk is withheld, how an experiment is read, who and what
is in no campaign, how an ideal customer was found."""


def recorded(sentence: str) -> str:
    """The sentence in the language of the report, its numbers and dates as they are written there."""
    if language().tag == "en" or not sentence:
        return sentence
    for template in TEMPLATES:
        if found := _pattern(template).fullmatch(sentence):
            values = {name: recorded(_rewritten(value)) for name, value in found.groupdict().items()}
            return gettext(template, **values)
    return gettext(sentence)


@lru_cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts)))


def _rewritten(value: str) -> str:
    """A number or a date as the language writes it; other text as it is."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return day(value)
    if re.fullmatch(r"\d[\d,]*(\.\d+)?", value):
        return number(float(value.replace(",", "")), len(value.partition(".")[2]))
    return value
