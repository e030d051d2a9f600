"""Docstrings of public functions say what goes in, what comes out and what may go wrong, with an example that runs."""

import ast
import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import whalecurve as wc
from whalecurve import engine
from whalecurve.kernels import concentration, store

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.M)
FUNCTIONS = [name for name in engine.__all__ if inspect.isfunction(getattr(engine, name))]
MODELS = ("bgnbd", "mbgnbd", "pnbd", "bgbb", "bgcnbd", "mbgcnbd", "sbg", "bdw", "gamma_gamma", "credibility")
"""Modules of kernels that others embed; `concentration` and `store.customer_totals` are meant for them as well."""

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


def kernels():
    """Kernels for others, by their full names: what takes arrays, not the scalar forms."""
    for module in (import_module(f"whalecurve.kernels.{name}") for name in MODELS):
        own = ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body
        names = [node.name for node in own if isinstance(node, ast.FunctionDef)]
        public = [name for name in names if not name.endswith("_one") and not name.startswith(("_", "is_", "are_"))]
        yield from ((f"{module.__name__}.{name}", getattr(module, name)) for name in public)
    yield from ((f"{concentration.__name__}.{name}", getattr(concentration, name)) for name in concentration.__all__)
    yield f"{store.__name__}.customer_totals", store.customer_totals


INTERNAL = ("pack", "unpack", "mend")
"""Steps of a sort, exported to the engine; they say what goes in and come out together."""

KERNELS = {name: kernel for name, kernel in kernels() if name.rpartition(".")[2] not in INTERNAL}


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_says_what_goes_in_and_what_comes_out_and_its_example_runs(name):
    kernel = KERNELS[name]
    doc = inspect.getdoc(kernel)
    _, *rest = SECTION.split(doc)
    told = dict(zip(rest[::2], rest[1::2], strict=True))
    assert sorted(described(told["Parameters"])) == sorted(
        inspect.signature(getattr(kernel, "py_func", kernel)).parameters
    )
    assert told["Returns"].strip()
    test = doctest.DocTestParser().get_doctest(doc, {}, name, None, 0)
    assert test.examples
    said = []
    doctest.DocTestRunner().run(test, out=said.append)
    assert said == []


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
