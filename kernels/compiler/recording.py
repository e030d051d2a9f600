"""What numba has compiled, made into machine code that is kept; needs numba, which has just compiled it."""

from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import numba.core.config
from numba import float64
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import Dispatcher
from numba.np.ufunc import wrappers

from whalecurve.kernels.compiler import linker, machine_code
from whalecurve.kernels.compiler.machine_code import MachineCode
from whalecurve.kernels.compiler.object_file import symbols_of, with_name_changed, with_own_symbols

WITHOUT_EFFECT = {
    "CACHE_DIR", "CACHE_LOCATOR_CLASSES", "NUMBA_DEFAULT_NUM_THREADS", "NUMBA_NUM_THREADS", "THREADING_LAYER",
}  # fmt: skip
"""Settings of numba that change no code."""

PARTS = 9
"""Of what numba's cache holds of a function: library, description, environment, signature, ..., environments."""


def record_function(name: str, kinds: object, dispatcher: Any, arguments: tuple[Any, ...]) -> None:  # noqa: ANN401
    """Compile a function for its arguments, and keep the code; not where it could not be linked by itself."""
    if not isinstance(dispatcher, Dispatcher):  # but the function itself: compiling is turned off
        return
    untyped: Any = dispatcher
    signature = tuple(untyped.typeof_pyval(argument) for argument in arguments)
    untyped.compile(signature)
    result = untyped.overloads.get(signature)
    if not _may_keep(name) or result is None:
        return
    # From the file: what numba has read from there, rather than compiled, it no longer has at hand.
    held = untyped._cache._cache_file.load(untyped._cache._index_key(signature, result.library.codegen))
    if held is None or len(held) != PARTS:
        return
    (_, form, parts), description, own, _, is_object_mode, lifted, _, reloading, environments = held
    if form != "object" or is_object_mode or lifted or reloading:
        return
    entry = description.llvm_cpython_wrapper_name
    _keep_if_complete(name, kinds, entry, _constants([own, *environments]), parts[0])


def record_ufunc(name: str, kinds: tuple[object, ...], dispatcher: Any) -> None:  # noqa: ANN401
    """Compile a ufunc's loop over float64, and keep its code."""
    with global_compiler_lock:
        signature = float64(*(float64,) * len(kinds))
        if signature in dispatcher._dispatcher.overloads:  # another thread was first
            return
        result = dispatcher.add(signature.args)
        if not _may_keep(name):
            return
        entry = result.fndesc.llvm_func_name
        build: Any = wrappers.build_ufunc_wrapper
        wrapper = build(result.library, result.target_context, entry, signature, False, result)
        wrapper.library.enable_object_caching()
        wrapper.library.get_pointer_to_function(wrapper.name)
        object_file = wrapper.library._get_compiled_object()
    called = result.referenced_envs or result._find_referenced_environments()
    _keep_if_complete(name, kinds, wrapper.name, _constants([result.environment, *called]), object_file)


def _may_keep(name: str) -> bool:
    """Whether the next process would compile the same: programs may change numba's settings as they run."""
    return machine_code.can_keep(name) and _is_set_by_environment()


def _is_set_by_environment() -> bool:
    """Whether numba is set as it is where nothing but the environment sets it."""
    settings: Any = numba.core.config
    spec = spec_from_file_location(f"{__name__}.fresh_settings", settings.__file__)
    assert spec is not None
    assert spec.loader is not None
    fresh = module_from_spec(spec)
    spec.loader.exec_module(fresh)
    names = {name for name in vars(fresh) if name.isupper()} - WITHOUT_EFFECT
    return all(getattr(fresh, name) == getattr(settings, name) for name in names)


def _constants(environments: list[Any]) -> dict[str, list[Any]]:
    """Constants of the code itself, and of what it calls, by the variables in which they are looked up."""
    return {environment.env_name: list(environment.consts) for environment in environments}


def _keep_if_complete(
    name: str, kinds: object, entry: str, environments: dict[str, list[Any]], object_file: bytes
) -> None:
    object_file = with_own_symbols(with_name_changed(object_file, "numba_unpickle", linker.UNPICKLE))
    defined, wanted = symbols_of(object_file)
    if entry in defined and linker.can_be_linked(wanted):
        present = [(symbol if symbol in defined else "", constants) for symbol, constants in environments.items()]
        code = MachineCode(entry=entry, environments=present, wanted=sorted(wanted), object_file=object_file)
        machine_code.keep(name, kinds, code)
