"""Where compiled kernels are kept: every place that may be missing, whom it must belong to, what makes code stale."""

import os
import tempfile
from pathlib import Path

import pytest

from tests.support import kernel_package
from tests.support.kernel_package import install
from whalecurve.kernels.compiler import cache

IMPORTS = "from whalecurve.kernels import high; from whalecurve.kernels.compiler import cache"
USES = f"{IMPORTS}; print(high.high(1.0), cache.PLACE)"


@pytest.fixture
def package(tmp_path):
    """An install with `high` calling `low`."""
    kernels = install(tmp_path)
    head = "from whalecurve.kernels.compiler.jit import scalar\n"
    (kernels / "low.py").write_text(f"{head}\n@scalar\ndef low(x):\n    return x + 1.0\n")
    high = "from whalecurve.kernels.low import low\n\n@scalar\ndef high(x):\n    return 10.0 * low(x)\n"
    (kernels / "high.py").write_text(head + high)
    return kernels


def run(package, code=USES, **environment):
    return kernel_package.run(package, code, **environment)


def private(package):
    return package.parents[2] / "temporary" / f"whalecurve-{os.getuid()}"


def test_kernels_are_kept_beside_the_sources_where_that_is_possible(package):
    assert run(package) == (f"20.0 {package / '__pycache__'}", [])
    assert {path.name[:8] for path in (package / "__pycache__").glob("*.nbc")} == {"high.hig", "low.low-"}


def test_a_read_only_install_without_a_home_gets_a_private_directory_and_says_so_once(package):
    (package / "__pycache__").touch()
    out, said = run(package)
    place = private(package)
    assert out.startswith(f"20.0 {place}/whalecurve-")
    assert place.stat().st_mode & 0o777 == 0o700
    assert said == [f"no cache directory can be written to; kernels are kept in {place} (or set NUMBA_CACHE_DIR)"]
    assert list(place.rglob("*.nbc"))


@pytest.mark.parametrize("obstacle", ["file", "open to others", "link"])
def test_a_directory_for_temporary_files_that_is_not_private_is_not_used(package, obstacle):
    """Compiled kernels are run as they are: whoever can write there could have anything run."""
    (package / "__pycache__").touch()
    place = private(package)
    if obstacle == "file":
        place.touch()
    elif obstacle == "link":
        place.with_name("elsewhere").mkdir(mode=0o700)
        place.symlink_to(place.with_name("elsewhere"))
    else:
        place.mkdir()
        place.chmod(0o755)
    out, said = run(package)
    assert out == "20.0 None"
    assert said == ["no cache directory can be written to; kernels are compiled in every process: set NUMBA_CACHE_DIR"]


def test_the_directory_of_another_user_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "HERE", tmp_path)
    assert cache._is_trusted(tmp_path)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert cache._private() == tmp_path / f"whalecurve-{os.getuid()}"
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    (tmp_path / f"whalecurve-{owner + 1}").mkdir(mode=0o700)
    assert cache._private() is None
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    assert not cache._is_trusted(tmp_path / "open")
    assert not cache._is_trusted(tmp_path / "missing")


def test_the_directory_that_the_user_names_comes_first(package):
    out, said = run(package, NUMBA_CACHE_DIR=str(package.parents[2] / "named"))
    assert Path(out.split()[1]).parent == package.parents[2] / "named"
    assert said == []


def test_a_home_with_room_for_a_cache_is_used_where_the_install_is_read_only(package, tmp_path):
    (package / "__pycache__").touch()
    out, said = run(package, HOME=str(tmp_path / "home"))
    assert Path(out.split()[1]).parent == tmp_path / "home" / ".cache"
    assert said == []


def test_a_cache_home_that_everyone_may_write_to_is_not_used(package, tmp_path):
    (package / "__pycache__").touch()
    (tmp_path / "everyone").mkdir()
    (tmp_path / "everyone").chmod(0o1777)
    assert run(package, XDG_CACHE_HOME=str(tmp_path / "everyone"))[0].startswith(f"20.0 {private(package)}/")


def test_a_change_in_a_file_that_is_only_called_makes_code_stale(package):
    """Numba compares the file of each function with itself, and would print 20 again."""
    assert run(package)[0].startswith("20.0 ")
    (package / "low.py").write_text((package / "low.py").read_text().replace("1.0", "2.0"))
    assert run(package)[0].startswith("30.0 ")
    assert len(list((package / "__pycache__").glob("*.nbc"))) == 2


def test_an_empty_place_takes_over_what_a_read_only_one_holds(package, tmp_path):
    """As in an image that was warmed up by root and runs as somebody else."""
    run(package)
    code = f"""
import sys
import tempfile
from pathlib import Path
from unittest import mock
usual = tempfile.TemporaryFile
def refuse(dir):
    if Path(dir) == Path({str(package / "__pycache__")!r}):
        raise PermissionError(dir)
    return usual(dir=dir)
with mock.patch("tempfile.TemporaryFile", refuse):
    from whalecurve.kernels import high
    from whalecurve.kernels.compiler import cache
before = {{path.name: path.stat().st_mtime_ns for path in cache.PLACE.iterdir()}}
print(high.high(1.0), sorted(name.rpartition(".")[2] for name in before), "numba" in sys.modules)
assert before == {{path.name: path.stat().st_mtime_ns for path in cache.PLACE.iterdir()}}
"""
    assert run(package, code, HOME=str(tmp_path / "home")) == ("20.0 ['kernel', 'nbc', 'nbc'] False", [])


def test_other_packages_are_cached_where_numba_keeps_them(package, tmp_path):
    (tmp_path / "installed" / "other.py").write_text(
        "from numba import njit\n\n@njit(cache=True)\ndef f(x): return x\n"
    )
    code = "from whalecurve.kernels import high; import other; other.f(1); print(other.f._cache.cache_path)"
    assert run(package, code)[0] == str(tmp_path / "installed" / "__pycache__")


def test_a_frozen_application_without_sources_compiles_in_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(cache, "HERE", tmp_path)
    assert cache._sources() == b""
    monkeypatch.setattr(cache, "SOURCES", b"")
    assert cache._place() is None
