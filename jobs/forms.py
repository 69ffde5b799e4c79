"""What people type and choose for a job."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet, Window
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from inventory.models import Spool
from models3d.facts import PRINTABLE
from models3d.models import Model3D, Revision
from orgs.current import current_org
from orgs.models import Department, Membership
from printers.models import Printer, Tag
from printers.visible import visible_printers, visible_tags

from .facts import grams_of, used_filaments
from .lending.choosing import LentChoice, PrinterField, choices_for
from .models import Job
from .moments import MomentField
from .states import Priority
from .submitting import Order
from .wishing import WishesField, in_words, joined

GONE = _("That model is in the trash, or gone. Choose another one.")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _moment(label: Any) -> forms.DateTimeField:
    return MomentField(label=label, required=False, widget=MOMENT)


def department_field(departments: Iterable[Department]) -> forms.TypedChoiceField:
    """Cleans to an id, or None for no department."""
    return forms.TypedChoiceField(
        label=_("Department"),
        coerce=UUID,
        empty_value=None,
        required=False,
        choices=[("", "–"), *((str(one.pk), one.name) for one in departments)],
        help_text=_("For which the job is counted."),
    )


class ModelField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Models by name, with more said of those that share theirs; the queryset comes from `offered`."""

    def label_from_instance(self, obj: Any) -> str:
        if obj.namesakes < 2:
            return str(obj)
        day = date_format(timezone.localtime(obj.created_at), "j M Y, H:i")
        added = _("added %(day)s") % {"day": day}
        return f"{obj} ({', '.join(filter(None, (str(obj.collection or ''), added)))})"


def offered(asked: Model3D | None) -> "QuerySet[Model3D]":
    """What can be printed, or may turn out so as it is still being read; and the one that was asked for."""
    sliced = Q(current__status=Revision.Status.READY, current__kind__in=PRINTABLE)
    fitting = Q(archived_at=None) & (sliced | Q(current__status=Revision.Status.READING))
    wanted = fitting | Q(pk=asked.pk) if asked else fitting
    named = Window(Count("pk"), partition_by="name")
    models = Model3D.objects.filter(wanted, deleted_at=None).select_related("collection")
    return models.annotate(namesakes=named).order_by("name", "pk")


class JobForm(forms.Form):
    """A new job; `order()` is what it asks for. Each filament of the file has a field for its spool.

    `departments` are those that the person may choose from; without any it is their own.
    """

    model = ModelField(
        label=_("Model"), queryset=Model3D.objects.none(), error_messages={"invalid_choice": GONE}
    )
    revision = forms.TypedChoiceField(label=_("Revision"), coerce=int, choices=())
    plate = forms.TypedChoiceField(label=_("Plate"), coerce=int, choices=())
    copies = forms.IntegerField(label=_("Copies"), min_value=1, max_value=500, initial=1)
    target = forms.ChoiceField(label=_("Print on"), choices=Job.Target.choices, initial=Job.Target.ANY)
    printer = PrinterField(label=_("Printer"), queryset=Printer.objects.none(), required=False)
    tag = forms.ModelChoiceField(label=_("Tag"), queryset=Tag.objects.none(), required=False)
    printer_model = forms.ChoiceField(label=_("Printer model"), choices=(), required=False)
    priority = forms.TypedChoiceField(
        label=_("Priority"), coerce=int, choices=Priority.choices, initial=Priority.NORMAL
    )
    due_at = _moment(_("Due"))
    not_before = _moment(_("Not before"))
    auto_start = forms.BooleanField(
        label=_("Start by itself"),
        required=False,
        help_text=_("When a printer that fits is free and its plate is confirmed clear."),
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    wishes = WishesField(required=False)
    keeps_wishes = forms.BooleanField(label=_("Ask for these filaments"), required=False, initial=True)

    def __init__(
        self,
        *args: Any,
        membership: Membership,
        most_priority: int = Priority.URGENT,
        model: Model3D | None = None,
        revision: Revision | None = None,
        plate: str = "",
        departments: Iterable[Department] = (),
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.departments = {one.pk: one for one in departments}
        if self.departments:
            self.fields["department_id"] = department_field(self.departments.values())
        self.chosen = revision
        self.plates = list(revision.plates.all()) if revision else []
        asked = (one for one in self.plates if str(one.number) == plate)
        self.chosen_plate = next(asked, None) or next(iter(self.plates), None)
        fields: dict[str, Any] = self.fields
        fields["model"].queryset = offered(model)
        offer_targets(self, membership)
        fields["printer"].lent = tuple(choices_for(membership))
        offer_priorities(self, most_priority)
        fields["revision"].choices = revision_choices(model) if model else []
        fields["plate"].choices = [(one.number, one.title or str(one.number)) for one in self.plates] or [
            (1, "1")
        ]
        self._offer_spools()

    def _offer_spools(self) -> None:
        """A choice of spool for each filament that the chosen plate uses."""
        spools = Spool.objects.filter(archived_at=None).select_related("filament")
        by_material: dict[str, list[Spool]] = {}
        for spool in spools:
            by_material.setdefault(spool.filament.material.upper(), []).append(spool)
        for use in used_filaments(self.chosen_plate):
            material = use["material"] or current_org().default_material
            fitting = by_material.get(material.upper(), [])
            self.fields[f"spool_{use['index']}"] = forms.ChoiceField(
                label=_("Filament %(number)d: %(material)s, %(grams)s g")
                % {"number": use["index"] + 1, "material": material or "?", "grams": round(grams_of(use), 1)},
                required=False,
                choices=[
                    ("", _("any spool of this material that is loaded")),
                    *((str(spool.pk), f"{spool} ({spool.left_g:.0f} g)") for spool in fitting),
                ],
            )

    @property
    def wish_words(self) -> list[tuple[int, str, str]]:
        """Wishes for material and colour that go along, in words."""
        said = self["wishes"].value()
        if not isinstance(said, list):
            try:
                said = self.fields["wishes"].clean(said)
            except ValidationError:
                said = []
        return in_words(said)

    @property
    def spool_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("spool_")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        check_target_chosen(self, cleaned)
        due, start = cleaned.get("due_at"), cleaned.get("not_before")
        if due and due < timezone.now():
            self.add_error("due_at", ValidationError(_("This is in the past: choose a later time.")))
        if due and start and start > due:
            self.add_error("not_before", ValidationError(_("This is after the due time.")))
        return cleaned

    def order(self) -> Order:
        data, target = self.cleaned_data, self.cleaned_data["target"]
        chosen = data["printer"] if target == Job.Target.PRINTER else None
        spools = {
            int(name.removeprefix("spool_")): data[name]
            for name in self.fields
            if name.startswith("spool_") and data.get(name)
        }
        wishes = joined(data["wishes"] if data["keeps_wishes"] else [], spools)
        revision = Revision.objects.select_related("model", "stored").get(
            model=data["model"], number=data["revision"]
        )
        return Order(
            revision=revision,
            plate=data["plate"],
            copies=data["copies"],
            target=target,
            printer=chosen if isinstance(chosen, Printer) else None,
            lent=chosen.pk if isinstance(chosen, LentChoice) else None,
            tag=data["tag"] if target == Job.Target.TAG else None,
            model=data["printer_model"] if target == Job.Target.MODEL else "",
            filaments=wishes,
            priority=data["priority"],
            due_at=data["due_at"],
            not_before=data["not_before"],
            auto_start=data["auto_start"],
            notes=data["notes"],
            department=self.departments.get(data["department_id"]) if self.departments else "own",
        )

    def refuse(self, error: ValidationError) -> None:
        """Put what the domain refuses by the field it is about."""
        names = {"model_id": "model", "target_printer": "printer"}
        for name, messages in getattr(error, "message_dict", {"": error.messages}).items():
            field = names.get(name, name)
            self.add_error(field if field in self.fields else None, messages)


def offer_targets(form: forms.Form, membership: Membership) -> None:
    """Let the form's fields offer the printers that the person sees, their tags and models."""
    fields: dict[str, Any] = form.fields
    fields["printer"].queryset = printers = visible_printers(membership)
    fields["tag"].queryset = visible_tags(membership)
    names = printers.exclude(model="").order_by("model").values_list("model", flat=True).distinct()
    fields["printer_model"].choices = [("", "–"), *((name, name) for name in names)]


def check_target_chosen(form: forms.Form, cleaned: dict[str, Any]) -> None:
    wanted = {Job.Target.PRINTER: "printer", Job.Target.TAG: "tag", Job.Target.MODEL: "printer_model"}
    name = wanted.get(cleaned.get("target", ""))
    if name and not cleaned.get(name):
        form.add_error(name, ValidationError(_("Choose one, or print on any printer that fits.")))


def revision_choices(model: Model3D) -> list[tuple[int, str]]:
    """Numbers with what tells revisions apart: which is current, and how their notes begin."""
    found = []
    for revision in model.revisions.all():
        words = _("revision %d") % revision.number
        if revision.pk == model.current_id:
            words = _("%(revision)s (current)") % {"revision": words}
        notes = " ".join(revision.notes.split())[:60]
        found.append((revision.number, f"{words}: {notes}" if notes else words))
    return found


class EditForm(forms.Form):
    """What may be changed of a job that is not over."""

    priority = forms.TypedChoiceField(label=_("Priority"), coerce=int, choices=Priority.choices)
    due_at = _moment(_("Due"))
    not_before = _moment(_("Not before"))
    auto_start = forms.BooleanField(label=_("Start by itself"), required=False)
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    @classmethod
    def of(
        cls,
        job: Job,
        data: Any = None,
        most: int = Priority.URGENT,
        departments: Iterable[Department] = (),
    ) -> Self:
        """With the priorities up to `most` and the job's own, and `departments` to choose from."""
        names = ("priority", "due_at", "not_before", "auto_start", "notes")
        initial = {name: getattr(job, name) for name in names}
        initial["department_id"] = str(job.department_id or "")
        form = cls(data, initial=initial)
        offer_priorities(form, most, job.priority)
        if departments:
            form.fields["department_id"] = department_field(departments)
        return form


class ResubmitForm(EditForm):
    """What may be changed of a job that is submitted again: also which revision it prints."""

    revision = forms.TypedChoiceField(label=_("Revision"), coerce=int, choices=())

    @classmethod
    def of(
        cls,
        job: Job,
        data: Any = None,
        most: int = Priority.URGENT,
        departments: Iterable[Department] = (),
    ) -> Self:
        form = super().of(job, data, most, departments)
        revision: Any = form.fields["revision"]
        revision.choices = revision_choices(job.revision.model)
        form.initial["revision"] = job.revision.number
        return form


def offer_priorities(form: forms.Form, most: int, own: int = Priority.NORMAL) -> None:
    """Leave out the priorities that the person may not give."""
    field: Any = form.fields["priority"]
    field.choices = [(value, label) for value, label in Priority.choices if value <= max(most, own)]
