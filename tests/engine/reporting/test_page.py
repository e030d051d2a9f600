"""The page: one file that loads nothing, closed to scripts of others, with a table behind every chart."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from functools import partial

import pytest

from tests.support.pages import page_of
from whalecurve.engine.reporting import Action, Chart, Column, Figure, Heading, Section, Table, Tiles
from whalecurve.engine.reporting.charts import Panel, bar_chart
from whalecurve.engine.reporting.page import page, standalone

HOSTILE = "\"><script>alert('1')</script><img src=x onerror=alert(1)>🐋&amp;"


def chart(name="bars", title="Bars", says="One bar."):
    panel = Panel(title=title, values=[1.0], written=["1"])
    return Chart(name=name, title=title, says=says, draw=partial(bar_chart, [title], [panel], title=title, says=says))


def figure(words="Bars", **options):
    columns = (
        Column(title=words, values=[words, None]),
        Column(title="share", kind="share", values=[0.1234567890123, None]),
        Column(title="money", kind="money", values=[1234567.891, -0.5]),
        Column(title="customers", kind="count", values=[1234, 0]),
    )
    return Figure(chart=chart(title=words, says=words), table=Table(caption=words, columns=columns), **options)


def made(words="Bars", **options):
    blocks = [
        words,
        "",
        Heading(title=words),
        Tiles(entries=((words, words, words),)),
        Action(title=words, facts=words, advice=words, command=words),
        figure(words, **options),
    ]
    return page(words, words, [Section(name="one", title=words, blocks=blocks)], words)


@pytest.fixture(scope="module")
def parsed():
    return page_of(made())


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else(parsed):
    (policy,) = (a["content"] for tag, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digests = {
        name: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for name in ("style", "script")
        for text in parsed.texts[name]
    }
    assert rules == {
        "default-src": "'none'",
        "style-src": digests["style"],
        "script-src": digests["script"],
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_is_loaded_from_anywhere(parsed):
    assert {tag for tag, _ in parsed.elements} & {"img", "link", "iframe", "object", "embed", "base", "form"} == set()
    loading = [a for _, attributes in parsed.elements for a in attributes if a in ("src", "style", "xlink:href")]
    assert loading == []
    assert all(a["href"].startswith("#") for tag, a in parsed.elements if tag == "a")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", made())


def test_links_go_to_what_is_there_and_no_id_is_given_twice(parsed):
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for tag, a in parsed.elements if tag == "a"} <= set(ids)
    assert {a["aria-labelledby"] for _, a in parsed.elements if "aria-labelledby" in a} <= set(ids)


def test_a_chart_is_an_image_with_words_drawn_for_a_screen_and_for_a_phone(parsed):
    images = [a for tag, a in parsed.elements if tag == "svg"]
    assert [(a["role"], a["aria-label"]) for a in images] == [("img", "Bars. Bars")] * 2
    assert [a["viewbox"].split()[2] for a in images] == ["760", "320"]


def test_a_table_has_the_numbers_as_they_are_read_and_as_they_are(parsed):
    first, second = parsed.tables["Bars"]
    assert (first["share"].shown, first["share"].value) == ("12.3%", 0.1234567890123)
    assert (first["money"].shown, first["money"].value) == ("1,234,568", 1234567.891)
    assert (first["customers"].shown, first["customers"].value) == ("1,234", 1234.0)
    assert (second["Bars"].shown, second["share"].shown, second["share"].value) == ("–", "–", None)


def test_tables_can_be_scrolled_by_keyboard_and_have_a_name(parsed):
    scrolling = [a for _, a in parsed.elements if a.get("class") == "scroll"]
    assert [(a["tabindex"], a["role"], a["aria-label"]) for a in scrolling] == [("0", "region", "Bars")]


def test_the_reader_of_a_curve_waits_for_the_script():
    parsed = page_of(made(cursor="all"))
    (reader,) = (a for _, a in parsed.elements if a.get("class") == "reader")
    assert "hidden" in reader
    assert [a["for"] for tag, a in parsed.elements if tag == "label"] == ["reader-bars"]


@pytest.mark.parametrize("words", [HOSTILE, "</style><p>", "</script><script>", "' onload='", "a\x00b\x1b[31m", "<!--"])
def test_no_text_gets_out_of_its_place(words):
    plain, hostile = page_of(made()), page_of(made(words))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert [sorted(a) for _, a in hostile.elements] == [sorted(a) for _, a in plain.elements]
    if "\x00" not in words:
        assert hostile.texts["h1"] == [words]


def test_a_chart_of_its_own_is_a_whole_file_of_svg():
    root = ET.fromstring(standalone(chart(title=HOSTILE)))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("aria-label") == f"{HOSTILE}. One bar."
    assert root[0].tag.endswith("}style")


def test_the_same_sections_give_the_same_page():
    assert made() == made()
