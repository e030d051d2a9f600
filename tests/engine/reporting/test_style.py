"""Colours can be told apart from their ground, in both themes."""

import re

import pytest

from whalecurve.engine.reporting.charts import LEVELS
from whalecurve.engine.reporting.style import DARK, LIGHT, chart_style, contrast, page_style, shades
from whalecurve.engine.reporting.style import LEVELS as SHADES

TEXT, GRAPHICS = 4.5, 3.0
"""Least contrasts of WCAG 2.2 AA: 1.4.3 and 1.4.11."""


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=5e-4)  # the usual example of a near miss


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_lines_stand_out_from_the_page(theme):
    for ground in ("paper", "card"):
        assert min(contrast(theme[name], theme[ground]) for name in ("ink", "quiet", "link")) >= TEXT
    assert min(contrast(theme[name], theme["paper"]) for name in ("first", "second", "loss")) >= GRAPHICS


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_can_be_read_on_every_shade(theme):
    assert SHADES == LEVELS
    assert len(shades(theme)) == LEVELS
    assert min(contrast(ink, ground) for ground, ink in shades(theme)) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shades_go_one_way(theme):
    paper = {"light": LIGHT, "dark": DARK}[theme]["paper"]
    apart = [contrast(ground, paper) for ground, _ in shades(theme)]
    assert apart == sorted(apart)


def test_a_chart_of_its_own_needs_no_variables():
    assert "var(" not in chart_style()
    assert LIGHT["first"] in chart_style()


def test_every_variable_of_the_page_has_a_colour():
    assert set(re.findall(r"var\(--(\w+)\)", page_style())) <= LIGHT.keys() == DARK.keys()


def test_the_style_loads_nothing():
    assert "url(" not in page_style()
    assert "@import" not in page_style()
