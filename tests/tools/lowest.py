"""The lower bounds of pyproject.toml as exact pins, which `make test-lowest` installs.

`python tests/tools/lowest.py` prints a constraints file: of what users install and of what tests need.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pins(project: Path = ROOT / "pyproject.toml") -> list[str]:
    """A pin for each requirement of the package and of the group `test`; one without a lower bound is an error."""
    settings = tomllib.loads(project.read_text(encoding="utf-8"))
    return [_pin(text) for text in (*settings["project"]["dependencies"], *settings["dependency-groups"]["test"])]


def _pin(requirement: str) -> str:
    bound = re.fullmatch(r"([\w.-]+)>=([\d.]+)", requirement)
    if bound is None:
        raise ValueError(f"pyproject.toml: {requirement} is no name with one lower bound; write it as name>=1.2")
    return f"{bound[1]}=={bound[2]}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(pins()) + "\n")
