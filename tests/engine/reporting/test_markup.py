"""Markup that data cannot break out of."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages import page_of
from whalecurve.engine.reporting.markup import Markup, coordinate, element, joined


def test_text_is_escaped_and_markup_is_not():
    assert element("p", "<b> & \"'", element("b", "x")) == "<p>&lt;b&gt; &amp; &quot;&#x27;<b>x</b></p>"


def test_attributes_are_escaped_and_named_as_in_html():
    made = element("g", class_="a", data_name='"><script>', text_anchor="end", viewBox="0 0 1 1")
    assert made == '<g class="a" data-name="&quot;&gt;&lt;script&gt;" text-anchor="end" viewBox="0 0 1 1"></g>'


def test_attributes_without_a_value_are_left_out_and_true_ones_named():
    assert element("input", hidden=True, disabled=False, max=None, min=0) == '<input hidden="hidden" min="0">'


def test_what_is_joined_is_markup_and_plain_text_in_it_is_escaped():
    made = joined("<", Markup("<b></b>"))
    assert made == "&lt;<b></b>"
    assert isinstance(made, Markup)


@pytest.mark.parametrize(
    ("number", "written"), [(1.0, "1"), (0.126, "0.13"), (-0.001, "0"), (100.0, "100"), (-2.50, "-2.5")]
)
def test_coordinates_are_short(number, written):
    assert coordinate(number) == written


@given(st.text())
def test_any_text_is_read_back_by_parsers_of_html_and_of_xml(text):
    made = element("p", text, title=text)
    (_, attributes), *more = page_of(made).elements
    assert not more
    root = ET.fromstring(made)
    if all(letter >= " " and not 0x7F <= ord(letter) < 0xA0 and ord(letter) not in (0xFFFE, 0xFFFF) for letter in text):
        assert attributes["title"] == text
        assert page_of(made).texts["p"] == [text]
        assert (root.text or "", root.get("title")) == (text, text)
