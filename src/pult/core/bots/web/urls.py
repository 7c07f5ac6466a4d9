"""Addresses of the pages about bots."""

from django.urls import path

from pult.core.bots.web import acting, bots, traffic

app_name = "bots"
urlpatterns = [
    path("", bots.bots, name="list"),
    path("new/", acting.new_bot, name="new"),
    path("<uuid:bot_id>/", bots.bot, name="bot"),
    path("<uuid:bot_id>/token/", acting.token, name="token"),
    path("<uuid:bot_id>/switch/<str:state>/", acting.switch, name="switch"),
    path("<uuid:bot_id>/main/", acting.make_main, name="main"),
    path("<uuid:bot_id>/remove/", acting.remove, name="remove"),
    path("<uuid:bot_id>/updates/", traffic.updates, name="updates"),
    path("<uuid:bot_id>/updates/<int:update_pk>/", traffic.update, name="update"),
    path("<uuid:bot_id>/messages/", traffic.messages, name="messages"),
]
