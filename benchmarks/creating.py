"""How long a new organisation takes, and the first answer of a new demo."""

import argparse
import json
import os
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from .memory import stack
from .server import farm, servers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    wishes = parser.parse_args()
    print(f"{date.today()}, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
    with servers(None):
        took = json.loads(farm("create", f"--runs={wishes.runs}"))
    print(f"A new organisation with a spare one ready: {took['with']:.3f} s (aim 2 s).")
    print(f"Without a spare one: {took['without']:.2f} s.")
    with TemporaryDirectory(prefix="odin-bench-") as folder, stack(Path(folder), "--demo") as (_, seconds):
        print(f"The demo's first start, packages installed: ready after {seconds:.1f} s.")
    print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
