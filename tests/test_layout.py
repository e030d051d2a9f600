"""The test of a file has the same path below `tests/`, so that either is found from the other."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
LAYERS = ("engine", "kernels", "cli")

OF_MORE_THAN_A_FILE = {
    "cli/test_odd_paths.py": "paths of every kind, given to every option that takes one",
    "cli/test_odd_requests.py": "requests that pass through every layer and are answered by the command line",
    "cli/test_stores.py": "every command that writes a result, on an object store",
    "engine/baskets/test_simulated.py": "the whole job, on logs whose truth is known",
    "engine/explanation/test_simulated.py": "the whole job, on logs whose truth is known",
    "engine/profiling/test_simulated.py": "the whole job, on a log whose truth is known",
    "engine/reporting/test_translations.py": "the files of `translations/`",
    "engine/scoring/test_formats.py": "the whole job, on one log in every format that orders come in",
    "engine/scoring/test_rhythm.py": "the whole job, by the models of customers who buy in a rhythm",
    "engine/statistics/test_statistics.py": "all files of the package: the oracles and laws are the same for them",
    "kernels/test_accuracy.py": "every kernel against one table of values",
}
"""Tests without a file of the same path, and why."""


def files_of_tests():
    """Every file of tests of the three layers, relative to `tests/`."""
    return sorted(path.relative_to(ROOT / "tests") for layer in LAYERS for path in _tests_below(layer))


def _tests_below(layer):
    return (ROOT / "tests" / layer).rglob("test_*.py")


def counterparts(test):
    """The files that a test may be of: `one_pass.py` of `test_one_pass.py` and of `test_one_pass_memory.py`."""
    words = test.stem.removeprefix("test_").split("_")
    return [test.with_name("_".join(words[:n]) + ".py") for n in range(len(words), 0, -1)]


def test_every_test_has_the_path_of_what_it_tests():
    without = [test for test in files_of_tests() if not any((ROOT / name).is_file() for name in counterparts(test))]
    assert [test.as_posix() for test in without] == sorted(OF_MORE_THAN_A_FILE)


def test_folders_of_tests_are_packages_of_the_code():
    folders = {test.parent for test in files_of_tests()}
    assert [folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []


def test_every_python_file_below_the_tests_is_one_of_a_kind():
    """Tests, or what they share, which lies in folders of its own."""
    shared = ("support", "tools", "oracle", "golden", "reference", "laws")
    stray = [
        path.relative_to(ROOT / "tests").as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_") and path.name != "conftest.py"
        if path.relative_to(ROOT / "tests").parts[0] not in shared
    ]
    assert stray == []
