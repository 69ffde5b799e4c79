"""The platform's mail server, for superadmins; for others there is no such page."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.mail import get_connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import mail_server
from accounts.limits import count
from accounts.mail_trouble import ERRORS, trouble_of
from accounts.mailing import compose
from accounts.models import User
from accounts.superadmins import for_superadmins
from audit.trail import record
from orgs.keys import platform_key

from .forms import MailServerForm, TestMailForm

MOST_TESTS, WITHIN_S = 10, 600


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
@for_superadmins
def mail(request: HttpRequest) -> HttpResponse:
    form = MailServerForm(request.POST or None, instance=mail_server.current())
    if form.is_valid():
        mail_server.use(form.cleaned_data, form.new_password)
        messages.success(request, _("The mail server is saved. Send a test to see whether it takes mails."))
        return redirect("mail:server")
    return _page(request, form, TestMailForm(initial={"to": cast(User, request.user).email}))


@require_POST
@for_superadmins
def test(request: HttpRequest) -> HttpResponse:
    """Send one mail, as all others go, and tell what the server said to it."""
    form = TestMailForm(request.POST)
    if not form.is_valid():
        return _page(request, MailServerForm(instance=mail_server.current()), form)
    if count(platform_key("mail-tests", request.user.pk), WITHIN_S) > MOST_TESTS:
        words = _("That were many tests. Wait %(minutes)d minutes, then go on.")
        messages.error(request, words % {"minutes": WITHIN_S // 60})
        return redirect("mail:server")
    record("mail.test", after={"to": form.cleaned_data["to"]})
    connection = get_connection()
    message = compose("test", form.cleaned_data["to"], {"by": str(request.user)}, get_language() or "en")
    message.connection = connection
    try:
        message.send()
    except ERRORS as error:
        messages.error(request, _("No mail went out. %(why)s") % {"why": trouble_of(error).words})
    else:
        said = getattr(connection, "said", "")
        messages.success(
            request, _("The server took it and said: %(said)s") % {"said": said} if said else _("It is sent.")
        )
    return redirect("mail:server")


@require_POST
@for_superadmins
def forget(request: HttpRequest) -> HttpResponse:
    if mail_server.forget():
        messages.success(request, _("No mail server is set here any more."))
    return redirect("mail:server")


def _page(request: HttpRequest, form: MailServerForm, test_form: TestMailForm) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "test_form": test_form,
        "server": mail_server.current(),
        "by_environment": mail_server.is_set_by_environment(),
        "environment": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if settings.EMAIL_HOST else "",
        "folder": settings.ODIN_HOME / "mail",
    }
    status = 422 if form.is_bound or test_form.is_bound else 200
    return render(request, "accounts/mail_server.html", context, status=status)
