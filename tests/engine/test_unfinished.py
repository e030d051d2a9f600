"""What is in the making is undone, last things first, and nothing takes its place any more; in a process of its own."""

import subprocess
import sys

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
