"""Linking: code that refers to what is not there is refused before LLVM would end the process."""

import numpy as np

from whalecurve.kernels import bgnbd
from whalecurve.kernels.compiler import linker, machine_code
from whalecurve.kernels.compiler.kernel import kind_of
from whalecurve.kernels.concentration import curves


def code_of(kernel, *arguments):
    """The machine code that a call of the kernel leaves behind, or finds."""
    kernel(*arguments)
    return machine_code.kept(kernel._name, tuple(map(kind_of, arguments)))


def test_an_object_file_tells_what_it_defines_and_what_it_needs():
    code = code_of(curves.whale_curve, np.arange(5.0), np.arange(6))
    defined, wanted = linker.symbols_of(code.object_file)
    assert code.entry in defined
    assert {"NRT_adapt_ndarray_from_python", "PyArg_UnpackTuple"} <= wanted
    assert not defined & wanted
    assert linker.can_be_linked(wanted)


def test_code_that_needs_what_nobody_provides_cannot_be_linked():
    assert linker.can_be_linked({"exp", "PyExc_ValueError", "numba_unpickle", "memcpy"})
    assert not linker.can_be_linked({"exp", "no_such_function_anywhere"})


def test_a_kernel_is_linked_once_however_often_it_is_asked_for():
    code = code_of(bgnbd.p_alive_one, 2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4)
    first = linker.linked_function(code, bgnbd.p_alive_one.py_func)
    assert linker.linked_function(code, bgnbd.p_alive_one.py_func) is first
    assert first(2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4) == bgnbd.p_alive_one(2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4)
    assert first.__name__ == "p_alive_one"
