"""The kinds of printers that can be simulated, with what the real ones report of themselves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """`prepare_s` is heating, homing and levelling before the first layer, in the machine's own seconds."""

    key: str
    protocol: str
    model: str
    bed_mm: tuple[float, float, float]
    prepare_s: float
    nozzle_mm: float = 0.4
    nozzle_c: float = 215.0
    bed_c: float = 60.0
    chamber: bool = False
    units: int = 0
    product_name: str = ""
    firmware: str = ""
    full_reports: bool = False
    busy_start_cancels: bool = False
    on_pi: bool = False


PROFILES = {
    profile.key: profile
    for profile in (
        Profile(
            "voron-2.4-250", "moonraker", "Voron 2.4 250", (250, 250, 220), 90,
            chamber=True, nozzle_c=245, bed_c=100,
        ),
        Profile("ender-3-v2-klipper", "moonraker", "Ender-3 V2", (235, 235, 250), 60),
        Profile("ender-3-v2", "octoprint", "Ender-3 V2", (220, 220, 250), 90),
        Profile(
            "a1-mini", "bambu", "A1 mini", (180, 180, 180), 75, units=1,
            product_name="Bambu Lab A1 mini", firmware="01.04.00.00", busy_start_cancels=True,
        ),
        Profile(
            "p1s", "bambu", "P1S", (256, 256, 256), 120, units=1,
            product_name="Bambu Lab P1S", firmware="01.07.00.00",
        ),
        Profile(
            "x1-carbon", "bambu", "X1 Carbon", (256, 256, 256), 150, chamber=True, units=1,
            product_name="Bambu Lab X1 Carbon", firmware="01.08.02.00", full_reports=True,
        ),
        Profile(
            "centauri-carbon", "elegoo", "Centauri Carbon", (256, 256, 256), 90,
            chamber=True, firmware="V1.4.49",
        ),
        Profile("mk4", "prusalink", "Prusa MK4", (250, 210, 220), 110, product_name="prusa-mk4"),
        Profile(
            "mk3s-pi", "prusalink", "Prusa MK3S", (250, 210, 210), 90,
            product_name="PrusaLink I3MK3S", firmware="3.14.0-8094", on_pi=True,
        ),
    )
}  # fmt: skip
