"""The proxy of an account: the page on which it is entered, changed and removed."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest, needs
from pult.core.telegram.models import Account
from pult.core.telegram.operations.accounts import UnableToChangeAccount
from pult.core.telegram.operations.proxies import UnableToSetProxy, set_proxy
from pult.core.telegram.queries import accounts_shown_to
from pult.core.telegram.web.forms import ProxyForm


@never_cache
@sensitive_post_parameters("proxy")
@require_http_methods(["GET", "POST"])
@needs("telegram.accounts")
def proxy(request: PersonRequest, account_id: UUID) -> HttpResponse:
    """GET shows the form; POST proxy=address keeps it, POST remove=1 makes the account connect directly."""
    account = accounts_shown_to(request.user).filter(pk=account_id).first()
    if account is None or not (account.owner_id == request.user.pk or request.user.may("telegram.share")):
        raise Http404
    form = ProxyForm(request.POST or None)
    remove = request.method == "POST" and request.POST.get("remove") == "1"
    if request.method == "POST" and (remove or form.is_valid()):
        address = "" if remove else form.cleaned_data["proxy"]
        try:
            account = set_proxy(
                account_id=account_id, address=address, actor=request.user, now=timezone.now()
            )
        except UnableToSetProxy as refusal:
            form.add_error("proxy", str(refusal))
        except UnableToChangeAccount as refusal:
            messages.error(request, str(refusal))
            return redirect("telegram:accounts")
        else:
            messages.success(request, _said(account))
            return redirect("telegram:proxy", account_id)
    return render(request, "telegram/proxy.html", {"account": account, "form": form})


def _said(account: Account) -> str:
    if not account.proxy_hint:
        return _("%(account)s connects to Telegram directly from its next connection on.") % {
            "account": account.label
        }
    return _("%(account)s goes through %(proxy)s from its next connection on.") % {
        "account": account.label,
        "proxy": account.proxy_hint,
    }
