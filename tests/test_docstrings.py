"""Docstrings of public functions say what goes in, what comes out and what may go wrong, with an example that runs."""

import doctest
import inspect
import re

import pytest

import whalecurve as wc
from whalecurve import engine

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.M)
FUNCTIONS = [name for name in engine.__all__ if inspect.isfunction(getattr(engine, name))]
CLASSES = [name for name in engine.__all__ if inspect.isclass(getattr(engine, name))]


def sections(function):
    """The sections of a docstring by their titles."""
    _, *rest = SECTION.split(inspect.getdoc(function) or "")
    return dict(zip(rest[::2], rest[1::2], strict=True))


def described(text):
    """The names that entries of a section begin with."""
    entries = re.findall(r"^(?=\S)(.+?)(?: : .*)?$", text, re.M)
    return [name.strip() for entry in entries for name in entry.split(",")]


def test_names_of_the_package_are_the_functions_that_are_looked_at():
    others = {name: getattr(wc, name) for name in wc.__all__ if inspect.isfunction(getattr(wc, name))}
    assert {function.__name__ for function in others.values()} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_goes_in_what_comes_out_and_what_may_go_wrong(name):
    function = getattr(engine, name)
    told, source = sections(function), inspect.getsource(inspect.unwrap(function))
    assert sorted(described(told["Parameters"])) == sorted(inspect.signature(function).parameters)
    assert told["Returns"].strip()
    assert name == "compiling" or "Error" in told["Raises"]
    assert "raise InputError" not in source or "InputError" in told["Raises"]
    assert ">>>" in told["Examples"]
    order = [title for title in ("Parameters", "Returns", "Raises", "Examples") if title in told]
    assert [title for title in told if title in order] == order


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_a_docstring_that_names_its_fields(name):
    doc = inspect.getdoc(getattr(engine, name)) or ""
    assert len(doc) > 20
    assert not doc.startswith(f"{name}(")  # what dataclasses write where there is none


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A directory with what the examples use: `shop/orders`, `scores` of it, and `scores-june`, half a year before."""
    folder = tmp_path_factory.mktemp("examples")
    wc.simulate({"customers": 300, "seed": 1}, folder / "shop")
    wc.score(folder / "shop" / "orders", out=folder / "scores")
    wc.score(folder / "shop" / "orders", out=folder / "scores-june", window={"as_of": "2025-06-30"})
    return folder


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_runs_and_shows_what_it_says(name, shop, monkeypatch):
    monkeypatch.chdir(shop)
    function = getattr(engine, name)
    (test,) = doctest.DocTestFinder(recurse=False).find(inspect.unwrap(function), name, module=False, globs={})
    assert test.examples
    said = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert said == []
