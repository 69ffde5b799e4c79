"""Facts, true box and preview of a 100 MB G-code in a child process: seconds and peak MB, beside `wc -l`."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "tests" / "data" / "cube20_mk3s.gcode"
AIM_S, AIM_MB = 4.0, 150


def write_large(path: Path, megabytes: int) -> None:
    """A real sliced file whose layers are repeated until it has the size."""
    data = SAMPLE.read_bytes()
    begin, end = data.index(b";LAYER_CHANGE"), data.rindex(b";TYPE:Custom")
    layers = data[begin:end]
    with path.open("wb") as file:
        file.write(data[:begin])
        while file.tell() < megabytes * 1_000_000:
            file.write(layers)
        file.write(data[end:])


def measured(command: list[str]) -> tuple[float, float, float, bytes]:
    """Wall seconds, CPU seconds and peak MB of a command, and what it wrote."""
    with tempfile.TemporaryFile() as answer:
        begin = time.perf_counter()
        child = subprocess.Popen(command, cwd=ROOT, stdout=answer)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
        # wait4 has taken the status, which Popen would otherwise wait for.
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{command[0]} ended with {child.returncode}")
        answer.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, answer.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, preview = Path(folder) / "large.gcode", Path(folder) / "preview"
        write_large(path, wishes.megabytes)
        print(f"{path.stat().st_size / 1e6:.0f} MB of G-code; aims: {AIM_S:g} s, {AIM_MB} MB")
        print(f"{'':24}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
        for _ in range(wishes.runs):
            wall, cpu, _, lines = measured(["wc", "-l", str(path)])
            print(f"{'wc -l':24}{wall:8.2f}{cpu:8.2f}")
            reader = [sys.executable, "-m", "models3d.formats", str(path), path.name]
            for name, command in (("facts", reader), ("facts and preview", [*reader, str(preview)])):
                wall, cpu, peak, answer = measured(command)
                print(f"{name:24}{wall:8.2f}{cpu:8.2f}{peak:9.0f}")
        print(f"the preview takes {preview.stat().st_size / 1e6:.1f} MB")
    (plate,) = json.loads(answer)["plates"]
    print(f"{int(lines.split()[0])} lines; box {plate['box']['min']} to {plate['box']['max']}")


if __name__ == "__main__":
    main()
