"""Addresses of tokens and of the reference."""

from django.urls import path

from pult.core.api.web import tokens

app_name = "api"
urlpatterns = [
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.new_token, name="new_token"),
    path("tokens/<uuid:token_id>/revoke/", tokens.revoke, name="revoke_token"),
]
