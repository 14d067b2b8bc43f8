"""Run botkit under cProfile in all of its threads, counting CPU time, and write the sum down at the end.

python benchmarks/profiled.py FILE botkit run
"""

from __future__ import annotations

import cProfile
import pstats
import runpy
import sys
import threading
import time


def main(file: str, module: str, *arguments: str) -> None:
    """Run the module with these arguments."""
    profiles = [cProfile.Profile(time.thread_time)]
    run = threading.Thread.run

    def profiled_run(thread: threading.Thread) -> None:
        profile = cProfile.Profile(time.thread_time)
        profiles.append(profile)
        profile.runcall(run, thread)

    threading.Thread.run = profiled_run  # type: ignore[assignment,method-assign]
    sys.argv = [module, *arguments]
    try:
        profiles[0].runcall(runpy.run_module, module, run_name="__main__", alter_sys=True)
    except SystemExit:
        pass
    finally:
        whole = pstats.Stats(profiles[0])
        for profile in profiles[1:]:
            whole.add(profile)
        whole.dump_stats(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
