"""What is shipped: the three subpackages, the presets, and nothing else; and it works where it is installed."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, so that nothing left from an earlier build gets in."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("engine", "kernels", "cli"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return next((folder / "dist").glob("*.whl"))


def test_the_wheel_holds_every_source_file_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {
        f"whalecurve/{path.relative_to(ROOT).as_posix()}"
        for layer in ("engine", "kernels", "cli")
        for pattern in ("*.py", "py.typed", "*.toml")
        for path in (ROOT / layer).rglob(pattern)
    }
    assert names == sources


def test_every_package_is_named_in_the_settings_of_the_build():
    """A forgotten one works in the checkout and is missing from the wheel alone."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    inits = [path.parent for layer in ("engine", "kernels", "cli") for path in (ROOT / layer).rglob("__init__.py")]
    folders = [*inits, ROOT / "engine/schemes/presets", ROOT / "engine/exports/presets"]
    assert sorted(settings["packages"]) == sorted(f"whalecurve.{'.'.join(f.relative_to(ROOT).parts)}" for f in folders)


def test_the_installed_wheel_scores_a_log(wheel, tmp_path):
    """Unpacked beside the dependencies of this environment, away from the checkout."""
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    command = [sys.executable, "-m", "whalecurve.cli", "demo", "--out", str(tmp_path / "demo"), "--customers", "300"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(target)}
    code = "import whalecurve.engine; print(whalecurve.engine.__file__)"
    place = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert str(target) in place.stdout
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert "300 customers" in done.stdout
    assert (tmp_path / "demo" / "scores" / "manifest.json").is_file()
