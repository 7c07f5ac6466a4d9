"""Letters with a one-time link, where a mail server is set."""

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from pult.core.people.operations import IssuedLink

log = structlog.get_logger("pult.people")


def post_link(issued: IssuedLink, *, address: str) -> bool:
    """Send the link to whom it is for, in their language; `address` is the whole URL.

    True when the mail server took the letter. The link is on the page as well, so a failure is said there and
    logged, and nothing is undone.
    """
    link = issued.link
    recipient = link.person.email if link.person else link.email
    # Invitations for whoever gets the link, and people whom only Telegram names, have no address.
    if not settings.MAIL_CONFIGURED or not recipient:
        return False
    language = link.person.language if link.person else ""
    with override(language or None):
        invitation = link.purpose == link.Purpose.INVITATION
        subject = _("You are invited to Pult") if invitation else _("Your one-time link to Pult")
        text = render_to_string(
            "people/letter.txt", {"link": link, "address": address, "invitation": invitation}
        )
        try:
            return bool(send_mail(subject, text, None, [recipient]))
        except (SMTPException, OSError) as error:
            log.warning("letter not sent", link=str(link.pk), error=type(error).__name__)
            return False
