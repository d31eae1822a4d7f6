"""Runs one command and prints what the whole process took, as one line of JSON.

python3 bench/measure.py <command> [argument ...]
"""
import json
import os
import sys
import time

null = os.open(os.devnull, os.O_RDWR)
started = time.monotonic()
child = os.posix_spawnp(
    sys.argv[1],
    sys.argv[1:],
    os.environ,
    file_actions=[(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1)],
)
_, status, usage = os.wait4(child, 0)
print(
    json.dumps(
        {
            "exit": os.waitstatus_to_exitcode(status),
            "wall": time.monotonic() - started,
            "cpu": usage.ru_utime + usage.ru_stime,
            # Kilobytes on Linux.
            "memory": usage.ru_maxrss / 1024,
        }
    )
)
