"""The pages of django-allauth that Pult uses; nothing else of it has an address (no e-mail page, no sign-up form)."""

from allauth.account import views
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as keys
from django.db.transaction import atomic
from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from pult.core.people.access import signed_in
from pult.core.people.web.account_views import PasswordReset, second_factor
from pult.core.people.web.language import switch

urlpatterns = [
    path("", views.login, name="account_login"),
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
    path("second-factor/app/", never_cache(atomic(app.activate_totp)), name="mfa_activate_totp"),
    path("second-factor/app/remove/", atomic(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/keys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("second-factor/keys/add/", never_cache(atomic(keys.add_webauthn)), name="mfa_add_webauthn"),
    path("second-factor/keys/<int:pk>/remove/", atomic(keys.remove_webauthn), name="mfa_remove_webauthn"),
    path("second-factor/keys/<int:pk>/name/", atomic(keys.edit_webauthn), name="mfa_edit_webauthn"),
    path("second-factor/codes/", never_cache(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second-factor/codes/new/", atomic(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path("language/", switch, name="set_language"),
]
