"""numba's own cache in our files: what is not whole, or is for other arguments or sources, is compiled again."""

import pytest

from tests.support.kernel_package import HEAD, install, run
from whalecurve.kernels.compiler import numba_cache
from whalecurve.kernels.compiler.numba_cache import KernelFiles, use_kernel_files

MACHINE, FUNCTION = ("triple", "cpu", "+avx"), ("code", "cells")
KEY, OTHER = (("int64",), MACHINE, FUNCTION), (("float64",), MACHINE, FUNCTION)


def test_each_signature_is_kept_in_a_file_of_its_own(tmp_path):
    """Two processes may write at once: neither reads what the other has written for another signature."""
    files = KernelFiles(tmp_path / "kernel")
    assert files.load(KEY) is None
    files.save(KEY, "code for integers")
    files.save(OTHER, "code for floats")
    assert files.load(KEY) == "code for integers"
    assert files.load(OTHER) == "code for floats"
    files.save(KEY, "newer")
    assert (files.load(KEY), len(list(tmp_path.iterdir()))) == ("newer", 2)
    files.flush()
    assert (files.load(KEY), list(tmp_path.iterdir())) == (None, [])


def test_code_of_another_function_other_versions_or_other_sources_is_replaced(tmp_path, monkeypatch):
    files = KernelFiles(tmp_path / "kernel")
    files.save(KEY, "code")
    changed = (("int64",), MACHINE, ("other code", "cells"))
    assert files.load(changed) is None
    makers = (numba_cache.numba, numba_cache.llvmlite, numba_cache.np)
    for owner, name in ((numba_cache, "SOURCES"), *((maker, "__version__") for maker in makers)):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, "another")
            assert files.load(KEY) is None
    files.save(changed, "changed")
    assert (files.load(changed), files.load(KEY), len(list(tmp_path.iterdir()))) == ("changed", None, 1)


def test_a_cache_that_keeps_nothing_is_left_as_it_is():
    use_kernel_files(None)
    use_kernel_files(numba_cache.numba.core.caching.NullCache())


@pytest.mark.parametrize("damage", [b"", b"cut short", None])
def test_a_process_survives_files_that_are_damaged_and_mends_them(tmp_path, damage):
    package = install(tmp_path)
    (package / "low.py").write_text(f"{HEAD}\n@scalar\ndef low(x):\n    return x + 1.0\n")
    code = "import sys; from whalecurve.kernels.low import low; print(low(1.0), 'numba' in sys.modules)"
    assert run(package, code)[0] == "2.0 True"
    files = [path for path in (package / "__pycache__").iterdir() if path.suffix in (".nbc", ".kernel")]
    assert len(files) == 2
    for path in files:
        path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    assert run(package, code) == ("2.0 True", [])
    assert run(package, code) == ("2.0 False", [])
