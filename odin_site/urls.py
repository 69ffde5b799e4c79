"""Pages inside one organisation, below /o/<slug>/."""

from django.urls import include, path

from .admin import org_admin

urlpatterns = [
    path("", include("reports.urls")),
    path("printers/", include("printers.urls")),
    path("queue/", include("jobs.urls")),
    path("quotas/", include("jobs.urls_quotas")),
    path("chargebacks/", include("jobs.urls_charges")),
    path("lending/", include("jobs.urls_lending")),
    path("inbox/", include("jobs.urls_inbox")),
    path("maintenance/", include("maintenance.urls")),
    path("models/", include("models3d.urls")),
    path("filament/", include("inventory.urls")),
    path("s/", include("inventory.urls_code")),
    path("alerts/", include("alerts.urls")),
    path("channels/", include("alerts.urls_channels")),
    path("bulk/", include("bulk.urls")),
    path("audit/", include("audit.urls")),
    path("account/", include("accounts.urls")),
    path("", include("orgs.urls")),
    path("admin/", org_admin.urls),
]
