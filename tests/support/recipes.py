"""Tools that recipes of the documents speak to: found in environments of their own, since they pin what we do not."""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = "WHALECURVE_RECIPES"
"""Variable that names more environments, with colons between, as those of Airflow and Dagster."""


def python_with(package):
    """The interpreter of an environment that has a package; the test is skipped where there is none."""
    for python in _pythons():
        if _has(python, package):
            return python
    pytest.skip(f"{package} is not installed: make recipes, or name an environment that has it in {ENVIRONMENTS}")


def _pythons():
    named = [Path(name) for name in os.environ.get(ENVIRONMENTS, "").split(":") if name]
    return [folder / "bin" / "python" for folder in [ROOT / ".venv-recipes", *named]]


@cache
def _has(python, package):
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return python.exists() and subprocess.run([python, "-c", code], check=False, capture_output=True).returncode == 0
