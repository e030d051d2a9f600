"""The runnable blocks of the documents: a `bash` block and the `text` block after it, which is its output.

`python -m tests.tools.readme` runs the blocks of all documents and writes their real output into them.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [page for pattern in ("*.md", "shops/*.md") for page in sorted((ROOT / "docs").glob(pattern))]
DOCUMENTS = [ROOT / "README.md", ROOT / "kernels" / "README.md", *PAGES]
RETAIL = "online_retail_2009_2011_union.parquet"
BLOCK = re.compile(r"^```(?P<kind>bash|python)\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.M | re.S)

WRITTEN = re.compile(r"--out (\S+)")
USES = re.compile(r"^<!-- uses: (.*) -->$", re.M)

SETTINGS = """\
customer = "CustomerID"
time = "InvoiceDate"
order = "InvoiceNo"
amount = "Quantity * UnitPrice"
"""
"""`retail.toml`, as docs/orders.md has it."""

SCORE = "whalecurve score online_retail.parquet --config retail.toml --quiet"
MADE = {
    "scores": f"{SCORE} --out scores",
    "scores-2010": f"{SCORE} --out scores-2010 --as-of 2010-12-09",
    "shop": "whalecurve simulate --out shop --customers 5000 --seed 1 --quiet",
}
"""What a page may use without making it: it says so in a comment, `uses: NAME ...`, at its top."""

OF_RETAIL = {"scores", "scores-2010"}


@dataclass(frozen=True)
class Block:
    """A block of code with its printed output, if the document shows one."""

    kind: str
    code: str
    output: str | None
    start: int
    end: int
    needs_retail: bool
    """Whether it reads the Online Retail log, which is not part of the repository, or a result of it."""


def blocks_of(document: Path) -> list[Block]:
    """Every runnable block of a document, in order."""
    text = document.read_text(encoding="utf-8")
    blocks, retail = [], {"online_retail.parquet", *(OF_RETAIL & set(used_by(text)))}
    for m in BLOCK.finditer(text):
        needs_retail = bool(retail & set(m["code"].split()))
        if needs_retail:
            retail |= set(WRITTEN.findall(m["code"]))
        blocks.append(Block(m["kind"], m["code"], m["output"], m.start(), m.end(), needs_retail))
    return blocks


def used_by(text: str) -> list[str]:
    """What a page uses that another makes."""
    return [name for m in USES.finditer(text) for name in m[1].split()]


def retail_log() -> Path | None:
    """The Online Retail log below the directory that WHALECURVE_DATA names, where there is one."""
    folder = os.environ.get("WHALECURVE_DATA")
    path = Path(folder) / "online_retail" / RETAIL if folder else None
    return path if path and path.is_file() else None


def run(block: Block, folder: Path) -> str:
    """What a block prints when it runs in a directory, with this environment's commands."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "100"}
    command = (
        ["bash", "-euo", "pipefail", "-c", block.code] if block.kind == "bash" else [sys.executable, "-c", block.code]
    )
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{block.code}\n{done.stderr}"
    return done.stdout


def prepare(folder: Path, document: Path) -> None:
    """Give the blocks of a page the Online Retail log under the name that they use, and what other pages make."""
    log, used = retail_log(), used_by(document.read_text(encoding="utf-8"))
    if log is not None:
        (folder / "online_retail.parquet").symlink_to(log)
    if used:
        (folder / "retail.toml").write_text(SETTINGS, encoding="utf-8")
    for name in used:
        if name in MADE and not (name in OF_RETAIL and log is None):
            run(Block("bash", MADE[name], None, 0, 0, needs_retail=name in OF_RETAIL), folder)


def rewrite(document: Path, folder: Path) -> None:
    """Replace the shown outputs by real ones."""
    prepare(folder, document)
    text, shift = document.read_text(encoding="utf-8"), 0
    for block in blocks_of(document):
        if block.needs_retail and retail_log() is None:
            continue
        output = run(block, folder)
        if block.output is not None:
            whole = f"```{block.kind}\n{block.code}```\n\n```text\n{output}```\n"
            text = text[: block.start + shift] + whole + text[block.end + shift :]
            shift += len(whole) - (block.end - block.start)
    document.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    for document in DOCUMENTS:
        with tempfile.TemporaryDirectory() as name:
            rewrite(document, Path(name))
