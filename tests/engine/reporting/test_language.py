"""Texts and numbers of a report in the language that it is written in."""

from gettext import NullTranslations

import pytest

from whalecurve.engine.reporting import customers, days, gettext, listed, money, ngettext, word
from whalecurve.engine.reporting.language import Language, written_in
from whalecurve.engine.reporting.locales import language_of


def test_english_is_what_the_code_says():
    assert gettext("top 20%: {share}", share="77%") == "top 20%: 77%"
    assert (customers(1), customers(1234), days(1), days(90.0)) == ("1 customer", "1,234 customers", "1 day", "90 days")
    assert f"{word('margin'):genitive} {customers(2):genitive}" == "margin 2 customers"
    assert gettext("20% {braces}") == "20% {braces}"


def test_a_translation_asks_for_words_in_their_case():
    with written_in(language_of("ru", None)):
        assert [f"{customers(n)}" for n in (1, 2, 5, 21)] == ["1 клиент", "2 клиента", "5 клиентов", "21 клиент"]
        assert [f"{customers(n):genitive}" for n in (1, 2, 11)] == ["1 клиента", "2 клиентов", "11 клиентов"]
        assert gettext("share of {value}", value=word("margin")) == "доля маржи"
        assert listed(["a", "b", "c"]) == "a, b и c"


def test_a_case_that_a_translation_does_not_have_leaves_the_word_as_it_is():
    with written_in(language_of("ru", None)):
        assert f"{word('margin'):vocative} {customers(2):vocative}" == "маржа 2 клиента"
        assert f"{word('Somebody`s own name {x}'):genitive}" == "Somebody`s own name {x}"


def test_nothing_is_not_translated_into_the_head_of_the_file():
    with written_in(language_of("ru", None)):
        assert f"{word('')}" == ""


def test_the_language_ends_with_its_block_whatever_happens_in_it():
    with pytest.raises(ZeroDivisionError), written_in(language_of("ru", None)):
        raise ZeroDivisionError
    assert customers(2) == "2 customers"


def test_a_language_may_have_texts_of_its_own():
    class Loud(NullTranslations):
        def gettext(self, message):
            return message.upper()

    with written_in(Language(tag="loud", texts=Loud())):
        assert word("margin") == "MARGIN"
        assert ngettext("{n} day", "{n} days", 2) == "2 days"
    assert money(1234.0) == "1,234"
