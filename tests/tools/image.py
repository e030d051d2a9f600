"""The steps of the Dockerfile without Docker: `python -m tests.tools.image DIR` runs them below a directory.

It must lie where every user may enter, and not in /tmp; it is removed afterwards. Once built, a shop is simulated and
scored as the image's user, on a root file system that is read-only, with a temporary one at /tmp. Code there is copied
from the image: none is compiled then. It needs root.
"""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
READ_ONLY = """\
mount --bind {data} {data}
mount -o remount,bind,ro /
mount -o remount,bind,rw {data}
mount -t tmpfs tmpfs /tmp
"""
PUBLIC = """\
mount --bind {base} /mnt
mount -t tmpfs -o mode=755 tmpfs {private}
mkdir -p {base}
mount --bind /mnt {base}
umount /mnt
"""
"""For a Python that lies in somebody's home, which the image's user may not enter."""
JOB = """\
cd {data}
touch {prefix}/written 2>/dev/null && exit 9
whalecurve simulate --out shop --customers 700 --quiet
whalecurve score shop/orders --out scores --quiet
code() {{ find "$1" -name '*.nbc' -printf '%f\\n' 2>/dev/null | sort -u; }}
test -z "$(comm -23 <(code /tmp) <(code {prefix}))"
"""


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its words."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in lines]


def context() -> list[str]:
    """What `.dockerignore` lets through to the builder."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def build(target: Path) -> tuple[Path, dict[str, str]]:
    """Run the steps below an empty directory; the directory of the data, and the environment of the image."""
    places = {"/source": target / "source", "/opt/whalecurve": target / "opt", "/data": target / "data"}

    def here(text: str) -> str:
        for there, place in places.items():
            text = re.sub(rf"(?<![\w/]){there}(?!\w)", str(place), text)
        return text

    for name in context():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        places["/source"].mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, places["/source"] / name)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    for word, rest in instructions():
        if word == "ENV":
            for pair in shlex.split(here(rest)):
                name, _, value = pair.partition("=")
                environment[name] = value.replace("$PATH", environment["PATH"])
        elif word == "RUN":
            subprocess.run(["sh", "-ec", here(rest)], env=environment, check=True)
    return places["/data"], environment


def use(target: Path, data: Path, environment: dict[str, str]) -> None:
    """Score a shop as the user of the image, where nothing but its data and /tmp can be written."""
    job = JOB.format(data=data, prefix=target / "opt")
    user, _, group = dict(instructions())["USER"].partition(":")
    drop = f"exec setpriv --reuid {user} --regid {group} --clear-groups bash -ec {shlex.quote(job)}\n"
    base = Path(sys.base_prefix)
    private = next((place for place in reversed(base.parents) if not place.stat().st_mode & stat.S_IXOTH), None)
    steps = "" if private is None else PUBLIC.format(base=base, private=private)
    steps += READ_ONLY.format(data=data) + drop
    subprocess.run(["unshare", "--mount", "bash", "-ec", steps], env=environment | {"HOME": "/nonexistent"}, check=True)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("files of another user, and mounts, need root: build the image by Docker instead")
    folder = Path(sys.argv[1]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    place, variables = build(folder)
    use(folder, place, variables)
    shutil.rmtree(folder)
    print(f"built and run in {folder}")
