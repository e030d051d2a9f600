"""What is shipped: the package with its three subpackages, and nothing else; and it works where it is installed."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FOLDERS = ("engine", "kernels", "cli", "python")
"""What is shipped; `python` is the package itself, and the others lie below it."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, so that nothing left from an earlier build gets in."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return next((folder / "dist").glob("*.whl"))


def test_the_wheel_holds_every_source_file_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {
        f"whalecurve/{path.relative_to(ROOT).as_posix().removeprefix('python/')}"
        for folder in FOLDERS
        for pattern in ("*.py", "py.typed", "*.toml", "*.po")
        for path in (ROOT / folder).rglob(pattern)
    }
    assert names == sources


def test_every_package_is_named_in_the_settings_of_the_build():
    """A forgotten one works in the checkout and is missing from the wheel alone."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    inits = [path.parent for folder in FOLDERS[:3] for path in (ROOT / folder).rglob("__init__.py")]
    folders = [
        *inits,
        ROOT / "engine/schemes/presets",
        ROOT / "engine/outputs/commands",
        ROOT / "engine/outputs/shared",
        ROOT / "engine/shop_exports/presets",
        ROOT / "engine/side_inputs/presets",
        ROOT / "engine/targets/presets",
    ]
    below = {f"whalecurve.{'.'.join(folder.relative_to(ROOT).parts)}" for folder in folders}
    assert sorted(settings["packages"]) == sorted({"whalecurve"} | below)


@pytest.mark.slow
def test_the_installed_wheel_scores_a_log(wheel, tmp_path):
    """Unpacked beside the dependencies of this environment, away from the checkout."""
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    command = [sys.executable, "-m", "whalecurve.cli", "demo", "--out", str(tmp_path / "demo"), "--customers", "300"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(target)}
    code = "import whalecurve as wc; print(wc.__file__, wc.score.__module__)"
    place = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert place.stdout.split() == [str(target / "whalecurve" / "__init__.py"), "whalecurve.engine.scoring.score"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert "300 customers" in done.stdout
    assert (tmp_path / "demo" / "scores" / "manifest.json").is_file()
