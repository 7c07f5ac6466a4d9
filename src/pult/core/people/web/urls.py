from django.urls import path

from pult.core.people.web import (
    browsers,
    demands,
    invitations,
    people,
    profile,
    telegram_linking,
    telegram_oidc,
    telegram_widget,
)

app_name = "people"
urlpatterns = [
    path("", people.people_list, name="list"),
    path("<int:person_id>/", people.person_page, name="person"),
    path("<int:person_id>/role/", people.role, name="role"),
    path("<int:person_id>/off/", people.off, name="off"),
    path("<int:person_id>/on/", people.on, name="on"),
    path("<int:person_id>/sign-in-link/", people.sign_in_link, name="sign_in_link"),
    path("<int:person_id>/second-factor/reset/", people.without_second_factor, name="reset_second_factor"),
    path("<int:person_id>/sessions/end/", people.end_sessions, name="end_sessions"),
    path("<int:person_id>/remove/", people.remove, name="remove"),
    path("second-factor/", demands.demands, name="demands"),
    path("invite/", invitations.invite, name="invite"),
    path("links/<uuid:link_id>/revoke/", invitations.revoke, name="revoke"),
    path("profile/", profile.profile, name="profile"),
    path("profile/telegram/", telegram_linking.page, name="telegram"),
    path("profile/telegram/bot/", telegram_linking.link_by_bot, name="telegram_by_bot"),
    path("profile/telegram/oidc/", telegram_oidc.start_link, name="telegram_by_oidc"),
    path("profile/telegram/widget/", telegram_widget.start_link, name="telegram_by_widget"),
    path("profile/telegram/unlink/", telegram_linking.unlink, name="telegram_unlink"),
    path("profile/email/", profile.email, name="email"),
    path("profile/sessions/<uuid:session_id>/end/", browsers.end, name="end_session"),
    path("profile/sessions/end-others/", browsers.end_others, name="end_other_sessions"),
    path("welcome/", profile.welcome, name="welcome"),
]
