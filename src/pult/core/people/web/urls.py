from django.urls import path

from pult.core.people.web import invitations, people, profile

app_name = "people"
urlpatterns = [
    path("", people.people_list, name="list"),
    path("<int:person_id>/", people.person_page, name="person"),
    path("<int:person_id>/role/", people.role, name="role"),
    path("<int:person_id>/off/", people.off, name="off"),
    path("<int:person_id>/on/", people.on, name="on"),
    path("<int:person_id>/sign-in-link/", people.sign_in_link, name="sign_in_link"),
    path("invite/", invitations.invite, name="invite"),
    path("links/<uuid:link_id>/revoke/", invitations.revoke, name="revoke"),
    path("profile/", profile.profile, name="profile"),
    path("welcome/", profile.welcome, name="welcome"),
]
