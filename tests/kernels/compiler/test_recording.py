"""What is kept of what numba compiled: what can be linked by itself, and would be compiled in the next process too."""

import pytest

from tests.support.kernel_package import HEAD, install, run

TOLD = f"""{HEAD}
@scalar
def told(values):
    if values.shape[0] == 0:
        raise ValueError("no values")
    return values.sum(), (values.min(), values.copy())

@scalar
def added(x):
    return x + 1.0

@broadcast
def adding(x):
    return added(x)

def times(factor):
    @scalar
    def multiplied(x):
        return x * factor
    return multiplied
"""

USES = """
import sys
import numpy as np
from whalecurve.kernels.told import adding, added, times, told
"""


@pytest.fixture
def package(tmp_path):
    kernels = install(tmp_path)
    (kernels / "told.py").write_text(TOLD)
    return kernels


def kept(package):
    return sorted(path.name.split("-")[0] for path in package.rglob("*.kernel"))


def test_arrays_tuples_and_errors_come_out_of_linked_code_as_from_numba(package):
    code = f"""{USES}
for values in (np.arange(4.0), np.arange(4)):
    total, (least, copy) = told(values)
    print(total, least, copy.tolist(), copy.dtype)
try:
    told(np.empty(0))
except ValueError as error:
    print(error, error.__traceback__.tb_next.tb_next.tb_lineno)
print(added(1.5), adding([1, 2]), type(adding.ufunc).__name__)
"""
    first, second = (run(package, code + 'print("numba" in sys.modules)')[0] for _ in range(2))
    expected = "6.0 0.0 [0.0, 1.0, 2.0, 3.0] float64\n6 0 [0, 1, 2, 3] int64\nno values 6\n2.5 [2. 3.] ufunc\n"
    assert (first, second) == (f"{expected}True", f"{expected}False")
    assert kept(package) == ["told.added", "told.adding", "told.told", "told.told"]


def test_functions_of_one_name_that_are_made_with_different_values_stay_different(package):
    code = f"{USES}print(times(2.0)(3.0), times(5.0)(3.0))"
    assert [run(package, code)[0] for _ in range(2)] == ["6.0 15.0"] * 2
    assert kept(package) == []


def test_what_a_program_that_sets_numba_otherwise_compiles_is_not_kept(package):
    """The next process would link code that checks bounds, or was not optimised, though nobody asked it to."""
    run(package, f"import numba\nnumba.config.BOUNDSCHECK = 1\n{USES}added(1.5); adding(1.5)")
    assert kept(package) == []
    run(package, f"import numba\nnumba.config.THREADING_LAYER = 'workqueue'\n{USES}added(1.5); adding(1.5)")
    assert kept(package) == ["told.added", "told.adding"]


@pytest.mark.parametrize("turned_off", ["import numba; numba.config.DISABLE_JIT = True", ""])
def test_functions_run_as_they_are_where_compiling_is_turned_off(package, turned_off):
    environment = {} if turned_off else {"NUMBA_DISABLE_JIT": "1"}
    code = f"{turned_off}\n{USES}print(added(1.5), told(np.arange(4.0))[0])"
    assert run(package, code, **environment) == ("2.5 6.0", [])


def test_code_that_cannot_be_linked_in_this_process_is_compiled(package):
    """As where the one that kept it had a library of vector mathematics loaded, and this one does not."""
    run(package, f"{USES}added(1.5); adding(1.5)")
    code = f"""
import dataclasses
from whalecurve.kernels.compiler import machine_code
for name, kinds in (("added", ("d",)), ("adding", ("d",))):
    code = machine_code.kept("whalecurve.kernels.told." + name, kinds)
    lacking = dataclasses.replace(code, wanted=[*code.wanted, "__svml_exp4"])
    machine_code.keep("whalecurve.kernels.told." + name, kinds, lacking)
{USES}
print(added(1.5), adding(1.5), "numba" in sys.modules)
"""
    assert run(package, code)[0] == "2.5 2.5 True"


def test_several_threads_that_ask_first_get_one_answer(package):
    code = f"""{USES}
import threading, warnings
warnings.simplefilter("error")
start, found = threading.Barrier(6), []
def ask():
    start.wait()
    found.append((added(1.5), adding(1.5), id(adding.ufunc), id(adding.dispatcher), id(added.dispatcher)))
threads = [threading.Thread(target=ask) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), len(set(found)), found[0][:2])
"""
    assert [run(package, code) for _ in range(2)] == [("6 1 (2.5, np.float64(2.5))", [])] * 2
