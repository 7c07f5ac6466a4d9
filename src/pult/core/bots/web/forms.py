"""The form for a bot's token."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TokenForm(forms.Form):
    """As @BotFather gives it. Never shown again once it was typed."""

    token = forms.CharField(
        label=_("Token"),
        max_length=200,
        help_text=_("@BotFather sends it: digits, a colon, 35 letters and digits."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "dir": "ltr"}
        ),
    )
