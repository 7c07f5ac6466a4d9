"""The pages of django-allauth that Pult uses; nothing else of it has an address (no e-mail page, no sign-up form)."""

from allauth.account import views
from django.urls import path, re_path
from django.views.generic import RedirectView

from pult.core.people.web.account_views import PasswordReset
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
    path("language/", switch, name="set_language"),
]
