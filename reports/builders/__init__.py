"""The kinds of reports: a new one is a module here and a name below. Tabs come in this order."""

from .accuracy import TimeAccuracy
from .builder import Builder
from .chargebacks import Chargebacks
from .costs import Costs, OwnCosts
from .failures import Failures
from .filament import FilamentUse
from .summary import JobSummary
from .utilisation import Utilisation
from .waiting import QueueTimes

BUILDERS: dict[str, type[Builder]] = {
    one.kind: one
    for one in (
        Failures,
        Utilisation,
        JobSummary,
        FilamentUse,
        Costs,
        Chargebacks,
        QueueTimes,
        TimeAccuracy,
        OwnCosts,
    )
}
