"""What the address of a slicer's inbox aims at: any printer, one, those with a tag or of a model."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import slugify
from django.utils.translation import gettext as _

from orgs.models import Membership
from printers.models import Printer, Tag
from printers.visible import visible_printers, visible_tags

from .models import Job

ANY = "any"
MOST_TOLD = 40


class NoSuchTarget(LookupError):
    """Nothing is called so, or more than one thing; the message says which."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The target of a job: its kind, and the printer, tag or model of that kind."""

    kind: Job.Target = Job.Target.ANY
    printer: Printer | None = None
    tag: Tag | None = None
    model: str = ""

    def __str__(self) -> str:
        return str(self.printer or self.tag or self.model or _("Any printer that fits"))

    @property
    def key(self) -> str:
        """What names it for ever, or as long as it can."""
        return str(self.printer.pk if self.printer else self.tag.pk if self.tag else self.model)


class Names:
    """Aims of one kind, by id, by name, and by the name as it looks in an address."""

    def __init__(self, aims: Iterable[Aim]) -> None:
        self.aims = list(aims)
        self._by: tuple[defaultdict[str, list[Aim]], ...] = tuple(defaultdict(list) for _way in range(3))
        for aim in self.aims:
            for known, word in zip(self._by, (aim.key, str(aim), slugify(str(aim))), strict=True):
                known[word.casefold()].append(aim)

    def called(self, word: str) -> list[Aim]:
        folded = word.casefold()
        return next((known[folded] for known in self._by if folded and folded in known), [])


class Targets:
    """All that a person's jobs can aim at, of nobody all that there is; in two queries."""

    def __init__(self, membership: Membership | None = None) -> None:
        rows = visible_printers(membership) if membership else Printer.objects.all()
        tags = visible_tags(membership) if membership else Tag.objects.all()
        printers = list(rows.only("name", "model").order_by("name"))
        models = sorted({printer.model for printer in printers if printer.model})
        # In the order in which a bare word is looked for.
        self._kinds: dict[str, Names] = {
            Job.Target.PRINTER: Names(Aim(Job.Target.PRINTER, printer=printer) for printer in printers),
            Job.Target.TAG: Names(Aim(Job.Target.TAG, tag=tag) for tag in tags),
            Job.Target.MODEL: Names(Aim(Job.Target.MODEL, model=model) for model in models),
        }

    def all(self) -> list[Aim]:
        """Any printer, then each printer, tag and model."""
        return [Aim(), *(aim for names in self._kinds.values() for aim in names.aims)]

    def find(self, word: str) -> Aim:
        """`any`, `printer:<id or name>`, `tag:<name>`, `model:<name>`; or bare, looked for in this order.

        Upper and lower case are one, and a name may be written as in an address: "K1 03" is "k1-03".
        """
        word = word.strip()
        if word.lower() == ANY:
            return Aim()
        found = self._matching(word)
        if len(found) == 1:
            return found[0]
        said = _("Nothing here is called %(word)s.")
        if found:
            said = _("More than one thing here is called %(word)s.")
        raise NoSuchTarget(said % {"word": word[:80]})

    def word_for(self, aim: Aim) -> str:
        """The shortest word that finds `aim` and stands in an address as it is; else its id."""
        if aim.kind == Job.Target.ANY:
            return ANY
        bare = slugify(str(aim))
        for word in (bare, f"{aim.kind.value}:{bare}"):
            if bare and word != ANY and self._matching(word) == [aim]:
                return word
        return f"{aim.kind.value}:{aim.key}"

    def told(self) -> str:
        """What there is to aim at, for whoever mistook the address."""
        words = [self.word_for(aim) for aim in self.all()]
        more = _(" and %(n)d more") % {"n": len(words) - MOST_TOLD} if len(words) > MOST_TOLD else ""
        return _("There is: %(words)s%(more)s.") % {"words": ", ".join(words[:MOST_TOLD]), "more": more}

    def _matching(self, word: str) -> list[Aim]:
        kind, colon, name = word.partition(":")
        if colon and kind.lower() in self._kinds and name.strip():
            return self._kinds[kind.lower()].called(name.strip())
        return next((found for names in self._kinds.values() if (found := names.called(word))), [])
