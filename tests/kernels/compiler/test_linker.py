"""Linking: code that refers to what is not there is refused before LLVM would end the process."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest

from whalecurve.kernels import bgnbd
from whalecurve.kernels.compiler import linker, machine_code
from whalecurve.kernels.compiler.kernel import kind_of
from whalecurve.kernels.compiler.object_file import symbols_of
from whalecurve.kernels.concentration import curves


def code_of(kernel, *arguments):
    """The machine code that a call of the kernel leaves behind, or finds."""
    kernel(*arguments)
    return machine_code.kept(kernel._name, tuple(map(kind_of, arguments)))


def test_code_comes_with_what_it_needs():
    code = code_of(curves.whale_curve, np.arange(5.0), np.arange(6))
    defined, wanted = symbols_of(code.object_file)
    assert code.entry in defined
    assert code.wanted == sorted(wanted)
    assert {"NRT_adapt_ndarray_from_python", "PyArg_UnpackTuple"} <= wanted
    assert not defined & wanted
    assert linker.can_be_linked(wanted)


def test_code_that_needs_what_nobody_provides_cannot_be_linked():
    assert linker.can_be_linked({"exp", "PyExc_ValueError", linker.UNPICKLE, "memcpy"})
    assert not linker.can_be_linked({"exp", "no_such_function_anywhere"})


def test_a_kernel_is_linked_once_however_often_it_is_asked_for():
    code = code_of(bgnbd.p_alive_one, 2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4)
    first = linker.linked_function(code, bgnbd.p_alive_one.py_func)
    assert linker.linked_function(code, bgnbd.p_alive_one.py_func) is first
    assert first(2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4) == bgnbd.p_alive_one(2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4)
    assert first.__name__ == "p_alive_one"


def test_code_of_one_name_is_told_apart():
    code = code_of(bgnbd.p_alive_one, 2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4)
    other = dataclasses.replace(code, object_file=code.object_file + b" ")
    assert linker._key(code) != linker._key(other)


def run(code, *options, **environment):
    """Whether a process that links what this one has compiled ends well, and what it prints."""
    curves.whale_curve(np.arange(5.0), np.arange(6))
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


OUTLIVES = """
import sys
import numpy as np
from whalecurve.kernels.concentration import curves
before = [curves.whale_curve(np.arange(5.0), np.arange(6)) for _ in range(20)]
assert "numba" not in sys.modules
import numba
after = [curves.whale_curve(np.arange(5.0), np.arange(6)) for _ in range(20)]
whole = numba.njit(lambda values: curves.whale_curve(values, np.arange(6)))(np.arange(5.0))
print([values.tolist() for values in before] == [values.tolist() for values in after] == [whole.tolist()] * 20)
del before, after, whole
"""


@pytest.mark.parametrize("options", [(), ("-X", "dev"), ("-X", "tracemalloc")])
def test_arrays_outlive_the_import_of_numba_under_every_allocator(options):
    """Importing numba sets its allocator, and Python's debug hooks end a process that frees what is not theirs."""
    done = run(OUTLIVES, *options)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


IMPORTS_MEANWHILE = """
import sys, threading
import numpy as np
from whalecurve.kernels.concentration import curves
expected = [0, 4, 7, 9, 10, 10]
imported, right = threading.Event(), []
def call():
    while True:
        ended = imported.is_set()
        right.append(curves.whale_curve(np.arange(5.0), np.arange(6)).tolist() == expected)
        right.append(curves.top_share(np.arange(6.0), 0.5) == 0.8)
        right.append(curves.whale_curve(np.arange(5), np.arange(6)).tolist() == expected)
        if ended:
            return
threads = [threading.Thread(target=call) for _ in range(2)]
assert "numba" not in sys.modules
sys.setswitchinterval(1e-4)
threading.Timer(0.05, lambda: [thread.start() for thread in threads]).start()
import numba
imported.set()
for thread in threads:
    while not thread.ident:
        pass
    thread.join()
print(all(right), len(right) >= 6)
"""


def test_kernels_work_while_another_thread_imports_numba():
    for values in (np.arange(5.0), np.arange(5)):
        curves.whale_curve(values, np.arange(6))
    curves.top_share(np.arange(6.0), 0.5)
    done = run(IMPORTS_MEANWHILE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True True\n", "")


AT_EXIT = """
import atexit, sys, threading
import numpy as np
from whalecurve.kernels import bgnbd
from whalecurve.kernels.concentration import curves
kept = [curves.whale_curve(np.arange(5.0), np.arange(6))]
kept.append(kept)  # a cycle, which is collected last
def forever():
    while True:
        curves.whale_curve(np.arange(500.0), np.arange(501))
for _ in range(2):
    threading.Thread(target=forever, daemon=True).start()
atexit.register(lambda: print(curves.whale_curve(np.arange(5.0), np.arange(6)).shape, "numba" in sys.modules))
"""


def test_a_process_ends_while_threads_are_in_kernels_and_arrays_are_alive():
    for _ in range(3):
        done = run(AT_EXIT)
        assert (done.returncode, done.stdout, done.stderr) == (0, "(6,) False\n", "")


FORKS = """
import os, signal, sys, threading
import numpy as np
from whalecurve.kernels.compiler import linker
from whalecurve.kernels.concentration import curves
held, let_go = threading.Event(), threading.Event()
def link():
    with linker._lock:
        held.set()
        let_go.wait(0.2)
threading.Thread(target=link).start()
held.wait()
if (child := os.fork()) == 0:
    signal.alarm(600)
    os._exit(int(curves.whale_curve(np.arange(5.0), np.arange(6)).shape != (6,)))
print(os.waitpid(child, 0)[1])
"""


def test_a_process_forked_while_a_thread_links_can_link():
    done = run(FORKS)
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
