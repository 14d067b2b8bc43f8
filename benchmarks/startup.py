"""How long until `botkit run` is ready, and `botkit --help` is there?

    python benchmarks/startup.py

The floor, measured in the same run, is a Python that only imports what botkit stands on. Goals with a warm disk cache:
`run` under 1.0 s, `--help` under 0.25 s.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

RUNS = 7
ROOT = Path(__file__).resolve().parent.parent
FLOOR = "import aiohttp.web, jinja2, orjson, pydantic, regex, stamina, yaml"


def once(*arguments: str) -> float:
    """Seconds that a command takes from start to end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def until_ready() -> float:
    """Seconds from the start of `botkit run`, in a folder that has only the samples, until it is ready."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("bots", "prompts"):
            shutil.copytree(ROOT / part, folder / part)
        port = 20_000 + os.getpid() % 20_000
        began = time.perf_counter()
        command = [sys.executable, "-m", "botkit", "run", "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                with suppress(URLError, ConnectionError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                    return time.perf_counter() - began
                time.sleep(0.002)
        finally:
            process.terminate()
            process.wait()
    message = f"{command} ended with {process.returncode}"
    raise RuntimeError(message)


def report(what: str, measure: Callable[[], float]) -> None:
    """Print the least, the median and the most of some runs, after one that does not count."""
    measure()
    seconds = [measure() for _ in range(RUNS)]
    print(f"{what:<24} {min(seconds):.3f}  {statistics.median(seconds):.3f}  {max(seconds):.3f}")


if __name__ == "__main__":
    print(f"{'seconds, of ' + str(RUNS) + ' runs':<24}   min  median    max")
    report("floor: the imports", lambda: once("-c", FLOOR))
    report("botkit run, ready", until_ready)
    report("floor: bare Python", lambda: once("-c", "pass"))
    report("botkit --help", lambda: once("-m", "botkit", "--help"))
