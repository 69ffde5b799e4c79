"""Run a simulated farm from a configuration file: python -m simulator --config FILE."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from simulator.config import ConfigError, FarmSpec, load
from simulator.farm import Simulation


async def serve(spec: FarmSpec, folder: Path) -> None:
    """Run until SIGTERM or SIGINT; the first line written tells every address as JSON."""
    simulation = Simulation(spec, folder)
    await simulation.open()
    printers = {
        name: {
            "host": front.host,
            "port": front.port,
            "file_port": front.file_port,
            "serial": front.machine.serial,
        }
        for name, front in simulation.fronts.items()
    }
    control = simulation.control
    told = {
        "control": {"host": control.host, "port": control.port} if control else None,
        "printers": printers,
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    simulation.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        spec = load(arguments.config)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="odin-simulator-") as folder:
        try:
            asyncio.run(serve(spec, spec.folder or Path(folder)))
        except OSError as error:
            sys.stderr.write(f"the farm cannot listen: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
