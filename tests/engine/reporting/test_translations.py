"""Translations of reports are complete: every text of the code, in all its forms, with the same values filled in."""

import re
import string
import tomllib
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from tests.support.pages import page_of
from whalecurve import engine
from whalecurve.engine import titles
from whalecurve.engine.reporting import locales

REPORTING = Path(locales.__file__).parent
LANGUAGES = sorted(path.stem for path in locales.TRANSLATIONS.glob("*.po"))
KEYWORDS = DEFAULT_KEYWORDS | {"word": None}
NAMES = re.compile(r"whalecurve|BG/NBD|MBG/NBD|Pareto/NBD|BG/BB|NBD|Gamma-Gamma|RFM|CLV|CAC|AUC|RMSE|CSV|ABC")


def forms(message):
    return message if isinstance(message, list | tuple) else [message]


def values(text):
    """Names of the values that a text has places for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def cases(text):
    return {case for _, name, case, _ in string.Formatter().parse(text) if name and case}


def actions_in(table):
    """Every action of a scheme's file."""
    if isinstance(table, list):
        return {action for entry in table for action in actions_in(entry)}
    if not isinstance(table, dict):
        return set()
    own = {table["action"]} if "action" in table else set()
    return own | {action for entry in table.values() for action in actions_in(entry)}


@pytest.fixture(scope="module")
def of_code():
    """Every text in the code by its context: its forms."""
    found = extract_from_dir(str(REPORTING), [("**.py", "python")], keywords=KEYWORDS)
    return {(context, forms(message)[0]): forms(message) for _, _, message, _, context in found}


@pytest.fixture(scope="module")
def of_others():
    """Texts of other parts that a report shows: titles, and the actions of our own schemes."""
    presets = (REPORTING.parent / "schemes" / "presets").glob("*.toml")
    actions = {action for preset in presets for action in actions_in(tomllib.loads(preset.read_text(encoding="utf-8")))}
    return actions | {*titles.UNLABELLED.values(), titles.MODELS["credibility"], titles.MODELS["mean"]}


@pytest.fixture(scope="module", params=LANGUAGES)
def catalog(request):
    with (locales.TRANSLATIONS / f"{request.param}.po").open("rb") as file:
        return [message for message in read_po(file, locale=request.param) if message.id]


def test_russian_is_there():
    assert "ru" in LANGUAGES


def test_every_text_is_translated_and_nothing_else(catalog, of_code, of_others):
    there = {(message.context, forms(message.id)[0]) for message in catalog}
    assert {key for key in of_code if key not in there} == set()
    assert {text for text in of_others if (None, text) not in there} == set()
    texts = {text for _, text in of_code} | of_others
    assert {key for key in there if key[1] not in texts} == set()


def test_every_text_has_all_forms_and_the_same_values(catalog):
    for message in catalog:
        wanted = values("".join(forms(message.id)))
        for text in forms(message.string):
            assert text, message.id
            assert values(text) == wanted, message.id
        assert len(forms(message.id)) == 1 or len(forms(message.string)) > 1, message.id
        assert not message.fuzzy, message.id


def test_every_word_that_is_ever_declined_has_each_case_that_is_asked_for(catalog):
    asked = {case for message in catalog for text in forms(message.string) for case in cases(text)}
    declined = {message.context for message in catalog if message.context in asked}
    assert declined == asked


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """Of so few customers that a report says why their CLV is not reliable."""
    folder = tmp_path_factory.mktemp("translated")
    engine.simulate(engine.Simulation(customers=450, seed=4), folder / "shop")
    engine.score(folder / "shop" / "orders", out=folder / "scores")
    return folder / "scores"


def test_a_report_in_russian_has_no_english_left_but_names_and_what_the_run_recorded(scores):
    page = page_of(engine.report(scores, locale="ru_RU", currency="RUB", with_ids=True).html)
    assert ("html", {"lang": "ru"}) in page.elements
    own = sorted(engine.open_result(scores).segments["segment"].drop_nulls(), key=len, reverse=True)
    method = next(i for i, text in enumerate(page.texts["p"]) if text.startswith("Прочитан"))
    told = [*page.texts["h2"], *page.texts["h3"], *page.texts["p"][:method], *page.texts["figcaption"]]
    told += [a["aria-label"] for _, a in page.elements if a.get("class") == "chart"]
    told += [title for rows in page.tables.values() for title in rows[0]]
    assert any("не меньше 500" in text for text in told)
    for text in told:
        without = re.sub(r"matrix\.retain|lifecycle\.new|\bsegment\b", "", text)
        without = re.sub("|".join(map(re.escape, own)), "", without)
        assert not re.search(r"[A-Za-z]{3,}", NAMES.sub("", without)), text
    assert "₽" in page.texts["strong"][1]


def test_numbers_of_a_locale_leave_english_texts_and_the_numbers_behind_tables_as_they_are(scores):
    plain, german = (page_of(engine.report(scores, locale=locale).html) for locale in (None, "de_DE"))
    assert ("html", {"lang": "en"}) in german.elements
    assert german.texts["h2"] == plain.texts["h2"]
    behind = [
        [[cell.value for cell in row.values()] for rows in page.tables.values() for row in rows]
        for page in (plain, german)
    ]
    assert behind[0] == behind[1]
    assert 'toLocaleString("de-DE", {"style": "percent"' in german.texts["script"][0]
