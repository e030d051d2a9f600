"""What object files define and need, and code that keeps to its own definitions when it is linked beside other code."""

import ctypes

import llvmlite.binding as llvm
import numpy as np
import pytest

from whalecurve.kernels.compiler import linker
from whalecurve.kernels.compiler.machine_code import MachineCode
from whalecurve.kernels.compiler.object_file import symbols_of, with_name_changed, with_own_symbols

SOURCE = """
@variable = common global i8* null
declare double @exp(double)
define linkonce_odr double @helper(double %x) noinline optnone {{
  %y = fadd double %x, {added}
  ret double %y
}}
define double @{entry}(double %x) {{
  %y = call double @helper(double %x)
  %z = call double @exp(double %y)
  ret double %z
}}
"""


@pytest.fixture(scope="module", autouse=True)
def compiler():
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def compiled(entry, added):
    """An object file whose `helper` is of the same name as that of others, but adds another number."""
    machine = llvm.Target.from_default_triple().create_target_machine(reloc="static", codemodel="jitdefault", jit=True)
    return machine.emit_object(llvm.parse_assembly(SOURCE.format(entry=entry, added=float(added))))


def test_an_object_file_tells_what_it_defines_and_what_it_needs():
    defined, wanted = symbols_of(compiled("entry", 1))
    assert {"variable", "helper", "entry"} <= defined
    assert wanted == {"exp"}


def test_symbols_stay_what_they_are_when_they_are_made_its_own():
    code = compiled("entry", 1)
    assert symbols_of(with_own_symbols(code)) == symbols_of(code)
    assert with_own_symbols(code) != code
    assert with_own_symbols(with_own_symbols(code)) == with_own_symbols(code)


def test_a_symbol_is_called_by_another_name():
    code = compiled("entry", 1)
    defined, wanted = symbols_of(with_name_changed(code, "exp", "log"))
    assert (defined, wanted) == (symbols_of(code)[0], {"log"})
    assert with_name_changed(code, "xp", "og") == with_name_changed(code, "no_such", "as_such") == code
    with pytest.raises(ValueError, match="exp and log1p are not of one length"):
        with_name_changed(code, "exp", "log1p")


def test_functions_of_one_name_in_two_object_files_are_two_functions():
    """As numba may name them, which numbers its functions anew in every process."""
    for added in (1, 2, 3):
        entry = f"adds_{added}"
        code = MachineCode(
            entry=entry, environments=[], wanted=["exp"], object_file=with_own_symbols(compiled(entry, added))
        )
        address, _ = linker._address(code)
        assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)(0.0) == np.exp(float(added))
