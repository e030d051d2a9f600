"""What is kept of what numba compiled: what can be linked by itself, and nothing else."""

import subprocess
import sys

import numpy as np

from whalecurve.kernels.compiler import machine_code
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.kernel import kind_of


@scalar
def told(values):
    """It prints, which needs the interpreter, and raises, which needs numba."""
    if values.shape[0] == 0:
        raise ValueError("no values")
    return values.sum(), (values.min(), values.copy())


def test_arrays_tuples_and_errors_come_out_as_from_numba():
    for values in (np.arange(4.0), np.arange(4)):
        total, (least, copy) = told(values)
        assert (total, least, copy.tolist(), copy.dtype) == (6, 0, [0, 1, 2, 3], values.dtype)
    try:
        told(np.empty(0))
    except ValueError as error:
        assert str(error) == "no values"  # noqa: PT017 - the next line is for when there is none
    else:
        raise AssertionError


def test_a_process_that_links_it_raises_the_same_error():
    told(np.arange(4.0))
    assert machine_code.kept(told._name, (kind_of(np.arange(4.0)),)) is not None
    code = """
import sys
import numpy as np
from tests.kernels.compiler.test_recording import told
assert "numba" not in sys.modules
told(np.arange(4.0))
assert "numba" not in sys.modules
told(np.empty(0))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "ValueError: no values"
