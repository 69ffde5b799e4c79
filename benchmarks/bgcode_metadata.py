"""Metadata and true box of a 100 MB binary G-code in a child process: seconds and peak memory."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.gcode_metadata import SAMPLE, measured
from tests.formats import packing


def write_large(path: Path, megabytes: int) -> int:
    """A real sliced file, packed as PrusaSlicer does, its layers repeated; the bytes of text in it."""
    data = SAMPLE.read_bytes()
    begin, end = data.index(b";LAYER_CHANGE"), data.rindex(b";TYPE:Custom")
    first, layers, last = (
        b"".join(packing.gcode_blocks(part)) for part in (data[:begin], data[begin:end], data[end:])
    )
    size = begin + len(data) - end
    with path.open("wb") as file:
        file.write(packing.header() + packing.metadata() + first)
        while file.tell() < megabytes * 1_000_000:
            file.write(layers)
            size += end - begin
        file.write(last)
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.bgcode"
        text = write_large(path, wishes.megabytes)
        print(f"{path.stat().st_size / 1e6:.0f} MB of binary G-code, {text / 1e6:.0f} MB as text")
        print(f"{'':24}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
        for _ in range(wishes.runs):
            reader = [sys.executable, "-m", "models3d.formats", str(path), path.name]
            wall, cpu, peak, answer = measured(reader)
            print(f"{'models3d.formats':24}{wall:8.2f}{cpu:8.2f}{peak:9.0f}")
    (plate,) = json.loads(answer)["plates"]
    print(f"{plate['layers']} layers; box {plate['box']['min']} to {plate['box']['max']}")


if __name__ == "__main__":
    main()
