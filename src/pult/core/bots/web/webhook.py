"""Where Telegram brings updates to when bots hear by webhook: check the secret, store, thank."""

import hmac
import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pult.core.bots.models import Bot
from pult.core.bots.operations.bots import announce
from pult.core.bots.operations.updates import store_updates
from pult.core.bots.queries import running_bots
from pult.core.bots.rules.incoming import update_id_of
from pult.core.secrets import UnableToReveal, reveal

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@csrf_exempt
@require_POST
def receive(request: HttpRequest, bot_id: UUID) -> HttpResponse:
    """200 once the update is stored; 403 whatever is wrong with bot or secret, so that nobody can ask which bots exist.

    Whatever Telegram would only send again in vain (no update at all) is thanked for as well.
    """
    if not _from_telegram(bot_id, request.headers.get(HEADER, "")):
        return HttpResponse(status=403)
    try:
        update = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    if update_id_of(update) is None:
        return HttpResponse(status=400)
    if store_updates(bot_id=bot_id, updates=[update], now=timezone.now()):
        announce(bot_id)
    return HttpResponse()


def _from_telegram(bot_id: UUID, given: str) -> bool:
    bot: Bot | None = running_bots().filter(pk=bot_id).only("pk", "webhook_secret").first()
    try:
        secret = "" if bot is None else reveal(bot, "webhook_secret")
    except UnableToReveal:
        secret = ""
    # Compared in any case: an answer takes as long for a bot that is not here.
    same = hmac.compare_digest(secret.encode(), given.encode(errors="surrogateescape"))
    return same and bool(secret)
