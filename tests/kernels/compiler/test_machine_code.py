"""Machine code that is kept: whole or not at all, for this code, numba and CPU only."""

import pickle

import llvmlite.binding as llvm
import pytest

from whalecurve.kernels.compiler import machine_code
from whalecurve.kernels.compiler.machine_code import MachineCode, keep, kept

NAME = "whalecurve.kernels.kernel"
CODE = MachineCode(entry="entry", environments=[("variable", [1.5])], wanted=["exp"], object_file=b"object")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A directory of its own, and nothing that was asked before."""
    monkeypatch.setattr(machine_code, "PLACE", tmp_path)
    machine_code.is_usable.cache_clear()
    machine_code._stamp.cache_clear()
    yield tmp_path
    machine_code.is_usable.cache_clear()
    machine_code._stamp.cache_clear()


def test_what_is_kept_is_found_again_for_the_same_name_and_arguments(place):
    assert kept("whalecurve.kernels.bgnbd.pmf", ("d", "q")) is None
    keep("whalecurve.kernels.bgnbd.pmf", ("d", "q"), CODE)
    assert kept("whalecurve.kernels.bgnbd.pmf", ("d", "q")) == CODE
    assert kept("whalecurve.kernels.bgnbd.pmf", ("d", "d")) is None
    assert kept("whalecurve.kernels.pnbd.pmf", ("d", "q")) is None
    assert [path.name[:10] for path in place.iterdir()] == ["bgnbd.pmf-"]


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_a_damaged_file_is_as_good_as_none(place, damage):
    keep(NAME, ("d",), CODE)
    (path,) = place.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-3] + b"abc" if damage is None else damage)
    assert kept(NAME, ("d",)) is None


def test_a_file_that_holds_something_else_is_not_taken(place):
    keep(NAME, ("d",), pickle.loads(pickle.dumps({"entry": "entry"})))
    assert kept(NAME, ("d",)) is None


def test_a_directory_that_takes_no_files_is_left_as_it_is(monkeypatch, place):
    monkeypatch.setattr(machine_code, "PLACE", place / "missing")
    keep(NAME, ("d",), CODE)
    assert kept(NAME, ("d",)) is None
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("name", ["other.package.kernel", f"{NAME}.<locals>.inner", f"{NAME}.<lambda>"])
def test_what_may_change_unnoticed_or_has_the_name_of_another_is_not_kept(name):
    """Sources of other packages are not compared; a function that is made anew at every call may differ each time."""
    assert machine_code.can_keep(NAME)
    assert not machine_code.can_keep(name)
    keep(name, ("d",), CODE)
    assert kept(name, ("d",)) is None


@pytest.mark.parametrize("part", ["SOURCES", "FORM"])
def test_code_of_other_sources_or_in_another_form_is_not_found(monkeypatch, part):
    keep(NAME, ("d",), CODE)
    monkeypatch.setattr(machine_code, part, b"other" if part == "SOURCES" else 99)
    machine_code._stamp.cache_clear()
    assert kept(NAME, ("d",)) is None


def test_code_of_another_cpu_python_or_numba_is_not_found(monkeypatch, place, tmp_path):
    keep(NAME, ("d",), CODE)
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    machine_code._stamp.cache_clear()
    assert kept(NAME, ("d",)) is None
    monkeypatch.delenv("NUMBA_CPU_NAME")
    monkeypatch.setattr(machine_code, "EXTENSION_SUFFIXES", [".cpython-399t-x86_64-linux-gnu.so"])
    machine_code._stamp.cache_clear()
    assert kept(NAME, ("d",)) is None
    monkeypatch.undo()
    monkeypatch.setattr(machine_code, "PLACE", place)
    machine_code._stamp.cache_clear()
    assert kept(NAME, ("d",)) == CODE
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "_version.py").write_text("other")
    monkeypatch.setattr(machine_code, "numba_directory", lambda: tmp_path / "numba")
    machine_code._stamp.cache_clear()
    assert kept(NAME, ("d",)) is None


@pytest.mark.parametrize("told", ["generic", "x86-64", None])
def test_code_for_a_generic_cpu_serves_every_cpu_and_other_code_one_kind(monkeypatch, told):
    if told:
        monkeypatch.setenv("NUMBA_CPU_NAME", told)
    keep(NAME, ("d",), CODE)
    for features in ({"avx512f": True}, None):

        def host(features=features):
            if features is None:
                raise RuntimeError
            return llvm.FeatureMap(features)

        monkeypatch.setattr(llvm, "get_host_cpu_features", host)
        machine_code._stamp.cache_clear()
        assert kept(NAME, ("d",)) == (CODE if told == "generic" else None)


@pytest.mark.parametrize("setting", ["NUMBA_OPT", "NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT"])
def test_who_sets_how_numba_compiles_gets_numbas_code(monkeypatch, setting):
    keep(NAME, ("d",), CODE)
    monkeypatch.setenv(setting, "1")
    machine_code.is_usable.cache_clear()
    assert not machine_code.is_usable()
    assert kept(NAME, ("d",)) is None


def test_settings_of_numbas_in_the_working_directory_count_too(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".numba_config.yaml").write_text("opt: 0\n")
    assert not machine_code.is_usable()


def test_without_a_place_or_on_an_untried_system_nothing_is_kept(monkeypatch):
    monkeypatch.setattr("sys.platform", "plan9")
    assert not machine_code.is_usable()
    machine_code.is_usable.cache_clear()
    monkeypatch.undo()
    monkeypatch.setattr(machine_code, "PLACE", None)
    assert not machine_code.is_usable()
