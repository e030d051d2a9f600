"""The documents tell the truth: blocks run and print what is shown, commands and options are all described."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.tools import command_pages, links, outputs, picture, readme, settings_page
from whalecurve.cli.main import COMMANDS
from whalecurve.engine.publication import FORMAT

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", readme.DOCUMENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_block_runs_and_prints_what_is_shown(document, tmp_path):
    readme.prepare(tmp_path, document)
    for block in readme.blocks_of(document):
        if block.needs_retail and readme.retail_log() is None:
            continue  # the log is public, but not ours to ship
        printed = readme.run(block, tmp_path)
        if block.output is not None:
            assert printed == block.output, block.code


PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / name / "README.md" for name in ("kernels", "benchmarks")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    assert links.dead_links(page) == []


def test_most_pages_have_blocks_that_run():
    assert sum(bool(readme.blocks_of(document)) for document in readme.DOCUMENTS) > 0.6 * len(readme.DOCUMENTS)


def test_the_picture_of_the_readme_is_that_of_its_example():
    assert picture.PICTURE.read_text(encoding="utf-8") == picture.drawn()


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_no_page_is_long():
    pages = [*(ROOT / "docs").rglob("*.md")]
    assert [path.name for path in pages if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []


def test_a_block_that_reads_a_result_of_the_log_needs_the_log_too(tmp_path):
    document = tmp_path / "a.md"
    codes = ["f online_retail.parquet --out scores", "f scores --out moved", "f moved", "f shop --out shop-scores"]
    document.write_text("\n".join(f"```bash\n{code}\n```\n" for code in codes), encoding="utf-8")
    assert [block.needs_retail for block in readme.blocks_of(document)] == [True, True, True, False]


def test_every_command_is_in_a_page():
    text = "".join(path.read_text(encoding="utf-8") for path in readme.DOCUMENTS)
    assert [name for name in COMMANDS if f"whalecurve {name}" not in text] == []


def test_pages_of_outputs_are_those_of_the_tables():
    written = {path.name: path.read_text(encoding="utf-8") for path in outputs.FOLDER.glob("*.md")}
    assert written == outputs.pages()


def test_pages_of_commands_are_those_of_their_help():
    written = {path.name: path.read_text(encoding="utf-8") for path in command_pages.FOLDER.glob("*.md")}
    assert written == command_pages.pages()


def test_the_page_of_the_configuration_has_every_key_that_commands_take_from_a_file():
    pages = settings_page.pages()
    assert {path: path.read_text(encoding="utf-8") for path in pages} == pages
    text = "".join(pages.values())
    assert [key for key in settings_page.all_keys() if f"| `{key}` |" not in text] == []


def test_every_make_target_that_documents_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {name for path in ROOT.glob("*.md") for name in re.findall(r"[`$] ?make\s+([a-z-]+)", path.read_text())}
    assert named
    assert named <= targets


def test_every_path_in_the_description_of_the_architecture_exists():
    named = re.findall(r"`([\w.]+/[\w./]*|[\w]+\.(?:md|toml))`", ARCHITECTURE)
    paths = [name for name in named if not {"NAME", "VERB"} & set(re.split(r"[/._]", name))]  # they stand for new ones
    assert len(paths) > 60
    assert [name for name in paths if not (ROOT / name).exists()] == []


def test_every_package_is_in_the_description_of_the_architecture():
    inits = [path.parent for layer in ("engine", "kernels", "cli") for path in (ROOT / layer).glob("*/**/__init__.py")]
    packages = [path.relative_to(ROOT).as_posix() for path in inits]
    assert packages
    assert [name for name in packages if f"| `{name}/` |" not in ARCHITECTURE] == []


@pytest.mark.parametrize("layer", ["cli", "engine", "kernels"])
def test_the_picture_of_the_architecture_is_that_of_the_import_contracts(layer):
    picture = ARCHITECTURE.partition("```text\n")[2].partition("```")[0]
    lines = picture.partition(f"{layer}/ ")[2].partition("\n            |\n")[0].splitlines()
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (c["layers"] for c in contracts if c.get("containers") == [f"whalecurve.{layer}"])
    assert [set(re.findall(r"\w+", line)) for line in lines] == [set(re.findall(r"\w+", line)) for line in layers]


def test_the_changelog_knows_the_version_and_the_form_of_results():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", changes, re.M)
    assert headings[0] == "Unreleased"
    assert headings[1] == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"`format`, now {FORMAT}:" in changes


def test_a_citation_names_the_version():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {settings['version']}\n" in citation
    assert f"\nlicense: {settings['license']}\n" in citation
