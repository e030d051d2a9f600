"""The layers hold: cli over engine over kernels, and kernels that another job can embed alone."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from whalecurve import engine

ROOT = Path(__file__).parents[1]


def modules_after(statement):
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    return set(done.stdout.split())


KERNELS = sorted(path.relative_to(ROOT / "kernels") for path in (ROOT / "kernels").rglob("[!_]*.py"))


@pytest.mark.parametrize("module", [".".join(path.with_suffix("").parts) for path in KERNELS])
def test_a_kernel_file_knows_arrays_only(module):
    loaded = modules_after(f"import whalecurve.kernels.{module}")
    assert not loaded & {"polars", "pandas", "pyarrow", "typer", "rich", "whalecurve.engine", "whalecurve.cli"}


def test_no_two_kernel_files_have_one_name():
    """Caches of compiled code, ours and others', name it by the file's name without its folder."""
    names = [path.stem for path in KERNELS]
    assert sorted(set(names)) == sorted(names)


def test_the_engine_loads_nothing_before_it_is_asked_for():
    loaded = modules_after("import whalecurve.engine")
    assert {name for name in loaded if name.startswith("whalecurve.")} == {"whalecurve.engine"}
    assert not loaded & {"polars", "numba", "numpy", "pyarrow", "scipy"}


def test_the_door_of_the_engine_gives_every_name_that_it_lists():
    assert sorted(engine.__all__) == sorted(engine._HOME_OF)
    for name in engine.__all__:
        assert not isinstance(getattr(engine, name), ModuleType)
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        engine.scores  # noqa: B018 - asked for its effect


def test_the_command_line_starts_without_the_engine():
    assert not modules_after("from whalecurve.cli.main import app_of; app_of()") & {
        "polars",
        "numba",
        "numpy",
        "pyarrow",
        "whalecurve.engine",
    }


def test_the_engine_knows_no_terminal():
    assert not modules_after("import whalecurve.engine") & {"typer", "rich", "whalecurve.cli"}


@pytest.mark.parametrize("layer", ["engine", "kernels"])
def test_below_the_command_line_nothing_speaks_of_its_options(layer):
    """A message names a setting by `setting`, which the command line writes as its option."""
    told = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for path in (ROOT / layer).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"(?<![\w-])--[a-z]", node.value)
    ]
    assert told == []


def test_the_bare_directory_names_are_never_imported():
    names = ("engine", "kernels", "cli")
    for path in (p for layer in names for p in (ROOT / layer).rglob("*.py")):
        for line in path.read_text().splitlines():
            assert not line.startswith(tuple(f"{word} {name}" for word in ("import", "from") for name in names)), path
