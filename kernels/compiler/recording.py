"""What numba has compiled, made into machine code that is kept; needs numba, which has just compiled it."""

from typing import Any

from numba import float64
from numba.core.compiler_lock import global_compiler_lock
from numba.np.ufunc import wrappers

from whalecurve.kernels.compiler import linker, machine_code
from whalecurve.kernels.compiler.machine_code import MachineCode

PARTS = 9
"""Of what numba's cache holds of a function: library, description, environment, signature, ..., environments."""


def record_function(name: str, kinds: object, dispatcher: Any, arguments: tuple[Any, ...]) -> None:  # noqa: ANN401
    """Compile a function for its arguments, and keep the code; not where it could not be linked by itself."""
    signature = tuple(dispatcher.typeof_pyval(argument) for argument in arguments)
    dispatcher.compile(signature)
    result = dispatcher.overloads.get(signature)
    if not machine_code.is_usable() or result is None:
        return
    own_cache = dispatcher._cache
    held = own_cache._cache_file.load(own_cache._index_key(signature, result.library.codegen))
    if held is None or len(held) != PARTS:
        return
    (_, form, parts), description, own, _, is_object_mode, lifted, _, reloading, environments = held
    if form != "object" or is_object_mode or lifted or reloading:
        return
    named = {environment.env_name: list(environment.consts) for environment in (own, *environments)}
    _keep_if_complete(name, kinds, description.llvm_cpython_wrapper_name, named, parts[0])


def record_ufunc(name: str, kinds: tuple[object, ...], dispatcher: Any) -> None:  # noqa: ANN401
    """Compile a ufunc's loop over float64, and keep its code."""
    with global_compiler_lock:
        result = dispatcher.add((float64,) * len(kinds))
        if not machine_code.is_usable():
            return
        signature = float64(*(float64,) * len(kinds))
        entry = result.fndesc.llvm_func_name
        build: Any = wrappers.build_ufunc_wrapper
        wrapper = build(result.library, result.target_context, entry, signature, False, result)
        wrapper.library.enable_object_caching()
        wrapper.library.get_pointer_to_function(wrapper.name)
        object_file = bytes(wrapper.library._get_compiled_object())
    named = {result.environment.env_name: list(result.environment.consts)}
    _keep_if_complete(name, kinds, wrapper.name, named, object_file)


def _keep_if_complete(
    name: str, kinds: object, entry: str, environments: dict[str, list[Any]], object_file: bytes
) -> None:
    defined, wanted = linker.symbols_of(object_file)
    if entry in defined and linker.can_be_linked(wanted):
        present = [(symbol if symbol in defined else "", constants) for symbol, constants in environments.items()]
        machine_code.keep(name, kinds, MachineCode(entry=entry, environments=present, object_file=object_file))
