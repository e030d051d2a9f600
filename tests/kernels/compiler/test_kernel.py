"""Kernels as Python and as other compiled code see them: kinds of arguments, attributes, when numba is imported."""

import collections
import inspect
import os
import pickle
import subprocess
import sys
import threading

import numba
import numpy as np
import pandas as pd
import polars as pl
import pytest

from whalecurve.kernels import bgnbd
from whalecurve.kernels.compiler import jit
from whalecurve.kernels.compiler.kernel import Deferred, Once, kind_of
from whalecurve.kernels.concentration import curves
from whalecurve.kernels.store.columns import Lines

ORDINARY = np.arange(6.0)
MATRIX = np.arange(6.0).reshape(2, 3)


def frozen(array):
    array = array.copy()
    array.flags.writeable = False
    return array


ARGUMENTS = [
    1, -(2**63), 2**63 - 1, 2**63, True, np.bool_(False), 1.5, np.float64(1.5), np.float32(1.5), np.int64(1),
    np.int32(1), np.uint64(1), np.uint8(1), None, ORDINARY, MATRIX, MATRIX.T, ORDINARY[::2], MATRIX[:, 1:], MATRIX[:1],
    frozen(ORDINARY), frozen(MATRIX), ORDINARY.astype(np.int32), ORDINARY.astype(np.uint32), ORDINARY > 1,
    ORDINARY.astype(np.int64), ORDINARY.astype(np.uint64), np.array(1.0), np.empty(0), np.empty((0, 3)),
    np.empty((2, 0)).T, (1, 2.0), (ORDINARY, ORDINARY), (ORDINARY, frozen(ORDINARY)), ((1, 2), 3),
    Lines(*(ORDINARY,) * len(Lines._fields)), Lines(*(MATRIX,) * len(Lines._fields)), (ORDINARY,) * len(Lines._fields),
]  # fmt: skip


def test_kinds_tell_apart_what_numba_tells_apart_and_no_more():
    """Code that was made for one kind is called with no other, nor made twice."""
    typed = {}
    for argument in ARGUMENTS:
        if (kind := kind_of(argument)) is not None:
            assert typed.setdefault(kind, numba.typeof(argument)) == numba.typeof(argument), argument
    kinds = {}
    for kind, typing in typed.items():
        assert kinds.setdefault(typing, kind) == kind
    assert len(kinds) > 25


@pytest.mark.parametrize(
    "argument",
    [2**63, "text", [1.0], ORDINARY.astype(">f8"), ORDINARY.astype("M8[D]"), np.array(["a"]), object(), (1, "text"),
     ORDINARY.astype(complex), np.frombuffer(b"12345678" * 3, np.uint8)[1:17].view(np.float64), bgnbd.p_alive_one,
     np.ma.array([1.0]), np.datetime64("2020-01-01"), 1j],
)  # fmt: skip
def test_what_only_numba_may_judge_has_no_kind(argument):
    assert kind_of(argument) is None


def test_named_tuples_of_one_name_but_other_fields_are_of_other_kinds():
    """Compiled code looks fields up by where they stand."""
    one, same, other = (collections.namedtuple("Point", names)(1.0, 2.0) for names in ("x y", "x y", "y x"))
    assert kind_of(one) != kind_of(other)
    assert kind_of(one) != kind_of((1.0, 2.0))
    assert repr(kind_of(one)) == repr(kind_of(same)) != repr(kind_of(other))


def test_a_kernel_takes_every_kind_and_named_arguments():
    shares = [curves.top_share(values, 0.5) for values in (ORDINARY, frozen(ORDINARY), np.arange(6)[::1].astype(float))]
    assert shares == [12.0 / 15.0] * 3
    assert curves.top_share(ascending=ORDINARY, p=0.5) == 12.0 / 15.0
    with pytest.raises(TypeError, match="'p'"):
        curves.top_share(ORDINARY)


def test_a_kernel_is_documented_as_its_function_and_has_the_attributes_of_numbas():
    assert list(inspect.signature(curves.top_share).parameters) == ["ascending", "p"]
    assert curves.top_share.__doc__ == curves.top_share.py_func.__doc__
    assert curves.top_share.__name__ == "top_share"
    curves.top_share.compile((numba.float64[::1], numba.float64))
    assert curves.top_share.signatures
    assert (bgnbd.p_alive.nin, bgnbd.p_alive.nout) == (7, 1)
    assert list(inspect.signature(bgnbd.p_alive).parameters) == ["x", "t_x", "T", "r", "alpha", "a", "b"]
    with pytest.raises(AttributeError):
        curves.top_share.no_such_attribute  # noqa: B018 - asked for its effect


@pytest.mark.parametrize("kernel", [curves.top_share, bgnbd.p_alive, bgnbd.p_alive_one])
def test_kernels_are_sent_to_other_processes_by_name(kernel):
    assert pickle.loads(pickle.dumps(kernel)) is kernel


def test_other_compiled_code_calls_kernels_and_ufuncs():
    @numba.njit
    def both(values, x, t_x):
        return curves.top_share(values, 0.5) + bgnbd.p_alive_one(x, t_x, 40.0, 0.2, 4.4, 0.8, 2.4)

    @numba.njit
    def over_arrays(x, t_x):
        return bgnbd.p_alive(x, t_x, 40.0, 0.2, 4.4, 0.8, 2.4)

    alive = bgnbd.p_alive_one(2.0, 30.0, 40.0, 0.2, 4.4, 0.8, 2.4)
    assert both(ORDINARY, 2.0, 30.0) == 12.0 / 15.0 + alive
    assert over_arrays(np.full(3, 2.0), np.full(3, 30.0)).tolist() == [alive] * 3


def test_a_ufunc_writes_where_it_is_told_and_casts_as_numpy_does():
    out = np.zeros(2)
    x = np.array([2, 0])
    assert bgnbd.p_alive(x, [30, 0], 40, 0.2, 4.4, 0.8, 2.4, out=out) is out
    assert out.tolist() == bgnbd.p_alive(x.astype(float), np.array([30.0, 0.0]), 40.0, 0.2, 4.4, 0.8, 2.4).tolist()
    assert isinstance(bgnbd.p_alive(2, 30, 40, 0.2, 4.4, 0.8, 2.4), float)


def test_a_ufunc_takes_arguments_by_name_and_refuses_a_gap():
    params = {"r": 0.2, "alpha": 4.4, "a": 0.8, "b": 2.4}
    x, t_x, T = [2, 0], [30.0, 0.0], [40, 40]
    expected = bgnbd.p_alive(x, t_x, T, *params.values())
    out = np.zeros(2)
    assert bgnbd.p_alive(x, t_x, T, **params).tolist() == expected.tolist()
    assert bgnbd.p_alive(**params, T=T, t_x=t_x, x=x, out=out) is out
    assert out.tolist() == expected.tolist()
    with pytest.raises(TypeError, match=r"p_alive\(\) lacks t_x"):
        bgnbd.p_alive(x, T=T, **params)
    with pytest.raises(TypeError, match="unexpected keyword argument 's'"):
        bgnbd.p_alive(x, t_x, T, **params, s=1.0)


@pytest.mark.parametrize("kind", [list, tuple, pd.Series, pl.Series])
def test_a_ufunc_takes_lists_and_series(kind):
    columns = [[2.0, 0.0], [30.0, 0.0], [40.0, 40.0]]
    answer = bgnbd.p_alive(*map(kind, columns), 0.2, 4.4, 0.8, 2.4)
    assert list(answer) == bgnbd.p_alive(*np.array(columns), 0.2, 4.4, 0.8, 2.4).tolist()
    assert isinstance(answer, kind if kind in (pd.Series, pl.Series) else np.ndarray)


@pytest.mark.parametrize("wrong", ["text", None, 1j, [object()], np.array([1], "M8[D]"), np.longdouble(1)])
def test_a_ufunc_refuses_what_numpy_cannot_cast(wrong):
    """The same error, whether it was compiled in this process or before."""
    assert isinstance(bgnbd.p_alive.ufunc, np.ufunc)
    with pytest.raises(TypeError, match="not supported for the input types"):
        bgnbd.p_alive(wrong, 1.0, 9.0, 0.1, 2.0, 3.0, 4.0)
    with pytest.raises(TypeError, match="from 7 to 8 positional arguments"):
        bgnbd.p_alive(1.0)


def test_what_is_made_once_is_the_first_made_of_all_threads():
    start = threading.Barrier(2)

    class Thing:
        @Once
        def made(self):
            """A new object."""
            start.wait()
            return object()

    thing, found = Thing(), []
    threads = [threading.Thread(target=lambda: found.append(thing.made)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [thing.made] * 2
    assert Thing.made.__doc__ == "A new object."


@pytest.mark.parametrize("make", [jit.broadcast, jit.scalar])
def test_a_compiled_function_is_not_compiled_again(make):
    with pytest.raises(TypeError):
        make(bgnbd.p_alive_one)


def test_a_deferred_name_is_looked_up_when_it_is_needed():
    assert Deferred("math", "pi").resolve() == np.pi


def test_no_process_imports_numba_for_what_was_compiled_before():
    """In two fresh processes, since the first may have to compile."""
    code = """
import sys
import numpy as np
from whalecurve.kernels import bgnbd
from whalecurve.kernels.concentration import curves
from whalecurve.kernels.likelihoods import beta_geometric_likelihood as beta_geometric_likelihood
x, T = np.ones(90_000), np.full(90_000, 9.0)
found = [*beta_geometric_likelihood.history_sums(x, x, T, x, 0.4, 20.0, 0.8, 2.5, 0.0)]
found += [*bgnbd.p_alive(x[:2], x[:2], 9, 0.1, 2, 3, 4)]
found += [*curves.whale_curve(np.arange(5.0), np.arange(6))]
print([value.hex() for value in found], "numba" in sys.modules)
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    if "NUMBA_CACHE_DIR" in os.environ:
        environment["NUMBA_CACHE_DIR"] = os.environ["NUMBA_CACHE_DIR"]
    said = [
        subprocess.run([sys.executable, "-c", code], env=environment | more, capture_output=True, text=True, check=True)
        for more in ({}, {}, {"NUMBA_OPT": "3"})
    ]
    numbers = {each.stdout.rsplit(" ", 1)[0] for each in said}
    assert len(numbers) == 1
    assert [each.stdout.split()[-1] for each in said[1:]] == ["False", "True"]
