"""The documents as the source of a site: `python -m tests.tools.site DIR` copies them there, each to its page.

The pages of `docs/` keep their places; documents that stand elsewhere in the repository, so that they are found beside
what they describe, come beside them, and links follow.
"""

import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "README.md": "index.md",
    "kernels/README.md": "embedding.md",
    "benchmarks/README.md": "benchmarks.md",
    "benchmarks/labels.md": "benchmarks-labels.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Page of each document outside of `docs/`."""

LINK = re.compile(r"\]\(([^)\s#:]+)(#[^)\s]*)?\)")
API = """# Python functions

Examples use a small log that `whalecurve simulate --out shop --customers 300 --seed 1` writes, and two results of it,
`scores` and `scores-june` (`--as-of 2025-06-30`); the tests run them. Where a function has another name in
`import whalecurve as wc` than in `whalecurve.engine`, the example uses the shorter one. See
[from Python](python.md) for how they go together.

"""


def write(target: Path) -> None:
    """Write the pages below a directory, which is emptied before."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in sorted((ROOT / "docs").rglob("*")):
        if file.is_file():
            _place(file, target / _page(file))
    for document in ELSEWHERE:
        _place(ROOT / document, target / ELSEWHERE[document])
    (target / "api.md").write_text(API + _api(), encoding="utf-8")


def _page(file: Path) -> str:
    """The page of a document, by its path below the site."""
    path = file.relative_to(ROOT).as_posix()
    if path in ELSEWHERE:
        return ELSEWHERE[path]
    below = path.removeprefix("docs/")
    return re.sub(r"(^|/)README\.md$", r"\1index.md", below)


def _place(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix != ".md":
        shutil.copyfile(file, to)
        return
    text = file.read_text(encoding="utf-8")
    to.write_text(LINK.sub(lambda link: _moved(link, file), text), encoding="utf-8")


def _moved(link: re.Match[str], file: Path) -> str:
    """A link as it is from the page of a document: to another page, else to nothing but its words."""
    linked = (file.parent / link[1]).resolve()
    path = linked.relative_to(ROOT).as_posix()
    if not (path.startswith("docs/") or path in ELSEWHERE):
        return "]"  # a file of the repository that is no page
    here = Path(_page(file)).parent
    return f"]({os.path.relpath(_page(linked), here)}{link[2] or ''})"


def _api() -> str:
    """A directive of mkdocstrings for each function."""
    from whalecurve import engine

    names = [name for name in engine.__all__ if name.islower()]
    homes = {name: f"whalecurve.engine.{engine._HOME_OF[name]}.{name}" for name in names}
    return "\n\n".join(f"::: {homes[name]}" for name in names) + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
