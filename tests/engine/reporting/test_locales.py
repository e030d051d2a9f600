"""Numbers, amounts and dates as a locale has them, against what CLDR says; locales that there are not."""

import sys
from datetime import date

import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.reporting import words
from whalecurve.engine.reporting.language import written_in
from whalecurve.engine.reporting.locales import language_of

NARROW = "\u202f"
"""The space that French groups digits with."""


def shown(locale, currency=None):
    """Some numbers and a date, spaces that do not break shown as spaces."""
    with written_in(language_of(locale, currency)):
        told = (
            words.count(1234567),
            words.number(1234.5),
            words.percent(0.1234),
            words.signed_percent(0.05, 0),
            words.plainly(0.025),
            words.money(1234.4),
            words.money(-12.5),
            words.day("2011-12-09"),
            words.month("2011-12"),
        )
    return [text.replace("\xa0", " ").replace(NARROW, " ") for text in told]


@pytest.mark.parametrize(
    ("locale", "currency", "expected"),
    [
        ("de_DE", "EUR", ["1.234.567", "1.234,50", "12,3 %", "+5 %", "2,5 %", "1.234 €", "-12,50 €", "09.12.2011",
                          "Dez. 2011"]),
        ("en-GB", "GBP", ["1,234,567", "1,234.50", "12.3%", "+5%", "2.5%", "£1,234", "-£12.50", "9 Dec 2011",
                          "Dec 2011"]),
        ("fr", None, ["1 234 567", "1 234,50", "12,3 %", "+5 %", "2,5 %", "1 234", "-12,50", "9 déc. 2011",
                      "déc. 2011"]),
        ("en_IN", "INR", ["12,34,567", "1,234.50", "12.3%", "+5%", "2.5%", "₹1,234", "-₹12.50", "9 Dec 2011",
                          "Dec 2011"]),
        ("ja", "JPY", ["1,234,567", "1,234.50", "12.3%", "+5%", "2.5%", "￥1,234", "-￥12", "2011/12/09",
                       "2011年12月"]),
        (None, "USD", ["1,234,567", "1,234.50", "12.3%", "+5%", "2.5%", "$1,234", "-$12.50", "Dec 9, 2011",
                       "Dec 2011"]),
        ("ru_RU", "RUB", ["1 234 567", "1 234,50", "12,3 %", "+5 %", "2,5 %", "1 234 ₽", "-12,50 ₽",
                          "9 дек. 2011 г.", "дек. 2011 г."]),
    ],
)  # fmt: skip
def test_numbers_and_dates_are_those_of_the_locale(locale, currency, expected):
    assert shown(locale, currency) == expected


def test_without_a_locale_numbers_are_as_ever():
    assert shown(None) == ["1,234,567", "1,234.50", "12.3%", "+5%", "2.5%", "1,234", "-12.50", "2011-12-09", "2011-12"]


def test_short_amounts_have_the_words_of_the_locale():
    with written_in(language_of("ru", "RUB")):
        shorts = [words.short_money(amount).replace("\xa0", " ") for amount in (0.0, 0.25, 999.4, 12_345.0, -2.6e6)]
    assert shorts == ["0", "0,2", "999", "12,3 тыс.", "-2,6 млн"]


def test_a_number_that_rounds_to_0_has_no_sign():
    with written_in(language_of("de", None)):
        assert (words.money(-0.001), words.percent(-0.0001), words.number(-0.001, 2)) == ("0,00", "0,0\xa0%", "0,00")


def test_texts_are_of_the_language_where_it_is_translated():
    assert [language_of(locale, None).tag for locale in ("ru", "ru_UA", "de", "sr_Latn_RS")] == ["ru", "ru", "en", "en"]


@pytest.mark.parametrize("locale", ["xx", "deutsch", "de_XX", "", "../ru"])
def test_an_unknown_locale_is_one_line(locale):
    with pytest.raises(InputError) as caught:
        language_of(locale, None)
    assert str(caught.value) == (
        f'locale="{locale}": unknown; name a language, and a country where it matters, as de, de_CH or pt_BR'
    )


@pytest.mark.parametrize("currency", ["EURO", "eur", ""])
def test_an_unknown_currency_is_one_line(currency):
    with pytest.raises(InputError) as caught:
        language_of("de", currency)
    assert str(caught.value) == (
        f'currency="{currency}": unknown; name a currency by its code of three letters, as EUR or JPY'
    )


def test_without_babel_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel", None)
    monkeypatch.delitem(sys.modules, "babel.core", raising=False)
    with pytest.raises(InputError, match=r"which needs babel.*; install it: pip install 'whalecurve\[locale\]'"):
        language_of("de_DE", None)
    assert language_of(None, None).tag == "en"


def test_days_are_told_from_records_and_from_dates():
    assert (words.day(date(2026, 1, 2)), words.day("2026-01-02"), words.month(date(2026, 1, 2))) == (
        "2026-01-02",
        "2026-01-02",
        "2026-01",
    )
