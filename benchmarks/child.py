"""A command run by the smallest parent there is: `python -S -E child.py COMMAND...`.

After what the command prints comes a line of JSON: seconds, CPU seconds (user and system, all threads, start and end
included) and megabytes at the peak. The kernel counts the parent's memory as the child's until the child has become the
command, so a test runner must not be that parent.
"""

import json
import os
import sys
import time


def main() -> int:
    """Run, wait, report; the command's own exit status."""
    began = time.perf_counter()
    child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    told = {"process": seconds, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss * 1024 / 1e6}
    print(json.dumps(told))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
