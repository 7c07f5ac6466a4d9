"""The pages of django-allauth that Pult uses; nothing else of it has an address (no e-mail page, no sign-up form)."""

from typing import Any

from allauth.account import views
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as keys
from django.db.transaction import atomic
from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from pult.core.people.access import lately_proved, signed_in
from pult.core.people.web import telegram_codes, telegram_oidc, telegram_widget
from pult.core.people.web.account_views import PasswordReset, SignIn, second_factor
from pult.core.people.web.language import switch


def again(view: Any) -> Any:
    """allauth asks again only those who have a password or a factor; here also people who have Telegram alone."""
    return signed_in(lately_proved(view))


urlpatterns = [
    path("", SignIn.as_view(), name="account_login"),
    path("out/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("off/", views.account_inactive, name="account_inactive"),
    path("password/", views.password_change, name="account_change_password"),
    # Who has no password yet chooses one together with name and language.
    path("password/set/", RedirectView.as_view(pattern_name="people:welcome"), name="account_set_password"),
    path("password/reset/", PasswordReset.as_view(), name="account_reset_password"),
    path("password/reset/sent/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-step/", never_cache(factors.authenticate), name="mfa_authenticate"),
    path("again/", never_cache(views.reauthenticate), name="account_reauthenticate"),
    path("again/code/", never_cache(factors.reauthenticate), name="mfa_reauthenticate"),
    path("again/key/", never_cache(keys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("second-factor/", never_cache(signed_in(second_factor)), name="mfa_index"),
    # A change and its entry in the audit trail are one transaction.
    path("second-factor/app/", never_cache(atomic(again(app.activate_totp))), name="mfa_activate_totp"),
    path("second-factor/app/remove/", atomic(again(app.deactivate_totp)), name="mfa_deactivate_totp"),
    path("second-factor/keys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("second-factor/keys/add/", never_cache(atomic(again(keys.add_webauthn))), name="mfa_add_webauthn"),
    path(
        "second-factor/keys/<int:pk>/remove/", atomic(again(keys.remove_webauthn)), name="mfa_remove_webauthn"
    ),
    path("second-factor/keys/<int:pk>/name/", atomic(keys.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "second-factor/codes/", never_cache(again(codes.view_recovery_codes)), name="mfa_view_recovery_codes"
    ),
    path(
        "second-factor/codes/new/",
        atomic(again(codes.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path("again/telegram/", telegram_codes.again, name="account_telegram_again"),
    path("telegram/", telegram_codes.ways, name="account_telegram"),
    path("telegram/oidc/", telegram_oidc.start, name="account_telegram_oidc"),
    path("telegram/oidc/back/", telegram_oidc.back, name="account_telegram_oidc_back"),
    path("telegram/widget/", telegram_widget.start, name="account_telegram_widget"),
    path("telegram/widget/<str:state>/", telegram_widget.back, name="account_telegram_widget_back"),
    path("language/", switch, name="set_language"),
]
