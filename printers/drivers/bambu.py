"""Bambu Lab printers in LAN mode: connection test and files. The talk itself is bambu_conversation's."""

from dataclasses import replace
from pathlib import Path

from printers.drivers import bambu_link
from printers.drivers.bambu_adjusting import ADJUSTABLE
from printers.drivers.bambu_conversation import FORMATS
from printers.drivers.bambu_errors import DEVELOPER_MODE
from printers.drivers.bambu_files import Storage
from printers.drivers.driver import Detected, Driver, DriverError, Link, Progress, Trouble
from printers.drivers.sending import Outgoing, check_name

_SLOWEST = 25_000


class BambuDriver(Driver):
    """One Bambu printer; every call makes connections of its own, so nothing stays open."""

    protocol = "bambu"
    label = "Bambu Lab (LAN)"
    link = Link.LISTEN
    formats = FORMATS
    default_port = 8883
    default_file_port = 990
    secret_label = "Access code from the printer's screen"  # noqa: S105
    needs_serial = True
    adjustable = ADJUSTABLE

    @classmethod
    def is_unique(cls, job_key: str) -> bool:
        # Prints started at the machine have no number, only the file's name.
        return job_key.isdecimal()

    def probe(self) -> Detected:
        """Listen once and log in to the storage: a printer of which only one works is of no use."""
        if not self.endpoint.serial:
            raise DriverError(
                Trouble.WRONG_SERIAL, "A Bambu printer needs its serial number; its screen shows it."
            )
        port = self.endpoint.port or self.default_port
        talk, fingerprint = bambu_link.listen_once(self.endpoint, port, bambu_link.SILENCE_S)
        # The storage has to show the certificate that the link has shown.
        self._storage(fingerprint).try_login()
        return Detected(
            model=talk.product_name.removeprefix("Bambu Lab "),
            firmware=talk.firmware,
            name=talk.product_name,
            serial=talk.serial or self.endpoint.serial,
            machine_key=self.endpoint.serial,
            fingerprint=fingerprint,
            nozzle_mm=talk.nozzle_mm,
            warnings=(DEVELOPER_MODE,) if talk.locked else (),
        )

    def upload(self, path: Path, remote_name: str, sha256: str, progress: Progress | None = None) -> None:
        check_name(remote_name, self.formats)
        with Outgoing(path, sha256, _SLOWEST, progress) as outgoing:
            self._storage(self.endpoint.fingerprint).store(outgoing, remote_name)

    def remove(self, remote_name: str) -> None:
        check_name(remote_name, self.formats)
        self._storage(self.endpoint.fingerprint).remove(remote_name)

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _storage(self, fingerprint: str) -> Storage:
        endpoint = replace(self.endpoint, fingerprint=fingerprint)
        return Storage(endpoint, endpoint.file_port or self.default_file_port)
