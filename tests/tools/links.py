"""Links of the documents: to files and headings that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```.*?^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,4} (.+)$", re.M)


def dead_links(document: Path) -> list[str]:
    """Relative links that lead nowhere."""
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if ":" not in link and not _leads_somewhere(document, link)]


def _leads_somewhere(document: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = document.parent / file if file else document
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(document: Path) -> set[str]:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}
