"""What is in the making is undone, last things first, and nothing takes its place any more; in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from whalecurve.engine.unfinished import temporary_directory

STOPPED = """
import sys, threading
from pathlib import Path
from whalecurve.engine.unfinished import settling, temporary_directory, undo_all, undone_if_stopped

def fails():
    print("third")
    raise OSError("no such device")

with undone_if_stopped(lambda: print("over")):
    pass
outer, inner = undone_if_stopped(lambda: print("last")), undone_if_stopped(fails)
with outer, temporary_directory(Path(sys.argv[1])) as folder, inner, undone_if_stopped(lambda: print("first")):
    (folder / "spill").write_text("much")
    threading.Thread(target=undo_all).start()
    while folder.exists():
        pass
    def publish():
        with settling():
            print("published")
    late = threading.Thread(target=publish, daemon=True)
    late.start()
    late.join(0.2)
"""


def test_everything_begun_is_undone_and_nothing_is_published_after_that(tmp_path):
    done = subprocess.run([sys.executable, "-c", STOPPED, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["first", "third", "last"]
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_directory_goes_with_its_block(tmp_path):
    with temporary_directory(tmp_path) as folder:
        (folder / "a").touch()
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


LASTING = """
import os, sys
from whalecurve.engine.unfinished import directory_of_this_process, undo_all

folder = directory_of_this_process()
(folder / "result").write_text("much")
if os.fork() == 0:
    sys.exit()
os.wait()
print(folder, folder.exists(), flush=True)
if sys.argv[1:]:
    undo_all()
    os._exit(1)
"""


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_directory_of_the_process_goes_with_it_and_with_no_fork_of_it(is_stopped):
    arguments = ["stop"] if is_stopped else []
    done = subprocess.run([sys.executable, "-c", LASTING, *arguments], capture_output=True, text=True, check=False)
    folder, was_there = done.stdout.split()
    assert was_there == "True"
    assert not Path(folder).exists()
