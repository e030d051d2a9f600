"""An install of the kernels' compiler with kernels of its own, and processes that use it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from whalecurve.kernels.compiler import cache

KERNELS = Path(cache.__file__).parents[1]
HEAD = "from whalecurve.kernels.compiler.jit import broadcast, scalar\n"


def install(folder):
    """Its folder `kernels`, below `installed`; no home. Root may write anywhere, so files stand in its way."""
    kernels = folder / "installed" / "whalecurve" / "kernels"
    kernels.mkdir(parents=True)
    shutil.copy(KERNELS / "__init__.py", kernels)
    shutil.copytree(KERNELS / "compiler", kernels / "compiler", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "no-home").touch()
    (folder / "temporary").mkdir()
    return kernels


def run(package, code, *options, **environment):
    """Standard output and the lines on standard error of a process that uses the package."""
    base = package.parents[2]
    usual = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(package.parents[1]), "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(base / "no-home"), "TMPDIR": str(base / "temporary"),
    }  # fmt: skip
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, env=usual | environment, capture_output=True, text=True, check=False, cwd=base)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr.splitlines()
