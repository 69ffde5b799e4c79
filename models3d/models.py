"""The library: models, their revisions, the stored files and what they say."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from .formats.metadata import Kind


class Tag(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=40)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="models3d_tag_name_ci")
        ]

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """A folder of the library. A model lies in one or in none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="models3d_collection_name_ci")
        ]

    def __str__(self) -> str:
        return self.name


class StoredFile(models.Model):
    """Bytes kept once per SHA-256 in this organisation. The paths are relative to the storage.

    `layers_path` is what formats.layers wrote for the preview. `stored_at` is when these bytes came last; it
    keeps a file alive between its upload and its revision.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    path = models.CharField(max_length=200)
    thumbnail_path = models.CharField(max_length=200, blank=True)
    layers_path = models.CharField(max_length=200, blank=True)
    stored_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.sha256[:12]


class Model3D(models.Model):
    """A thing that can be printed; what is printed is one of its revisions.

    It lies on one of three shelves: the library, the archive (`archived_at`), or the trash (`deleted_at`).
    """

    class Shelf(models.TextChoices):
        LIBRARY = "library", _("library")
        ARCHIVE = "archive", _("archive")
        TRASH = "trash", _("trash")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=160)
    collection = models.ForeignKey(
        Collection,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="models",
        verbose_name=_("collection"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="models", verbose_name=_("tags"))
    current = models.OneToOneField("Revision", models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_constraint=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-created_at"], name="models3d_model_newest")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shelf(self) -> Shelf:
        if self.deleted_at:
            return self.Shelf.TRASH
        return self.Shelf.ARCHIVE if self.archived_at else self.Shelf.LIBRARY


class Favourite(models.Model):
    """A person's star on a model."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.ForeignKey(Model3D, models.CASCADE, related_name="favourites")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "model"], name="models3d_favourite_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.model}"


class Revision(models.Model):
    """One exact file of a model, for ever. `metadata` is formats.serialising.to_json's, less the plates.

    `back_to` is the number of the earlier revision that this one brought back, null for an upload.
    """

    class Status(models.TextChoices):
        READING = "reading", _("being read")
        READY = "ready", _("ready")
        UNREADABLE = "unreadable", _("unreadable")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.ForeignKey(Model3D, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="revisions")
    original_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind], blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.READING)
    problem = models.CharField(max_length=300, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=2000)
    back_to = models.PositiveIntegerField(null=True)
    metadata = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["model", "number"], name="models3d_revision_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} r{self.number}"


class Plate(models.Model):
    """One printable plate. `filaments` are dicts of FilamentUse; `box` is {"min", "max"} or null.

    `spent` is how much of its filament, 0 to 1, has gone when each hundredth of its layers is done, from 0 to
    100; empty where the file's layers are not known.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="plates")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160, blank=True)
    print_s = models.PositiveIntegerField(null=True)
    layers = models.PositiveIntegerField(null=True)
    filaments = models.JSONField(default=list)
    grams = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    box = models.JSONField(null=True)
    box_estimated = models.BooleanField(default=False)
    md5 = models.CharField(max_length=32, blank=True)
    spent = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "number"], name="models3d_plate_once")
        ]

    def __str__(self) -> str:
        return f"{self.revision} plate {self.number}"
