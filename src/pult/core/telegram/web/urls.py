"""Addresses of the account pages."""

from django.urls import path

from pult.core.telegram.web import account, accounts, key_pairs, proxy, sign_ins

app_name = "telegram"
urlpatterns = [
    path("", accounts.accounts, name="accounts"),
    path("<uuid:account_id>/", account.account, name="account"),
    path("<uuid:account_id>/share/", accounts.share, name="share"),
    path("<uuid:account_id>/switch/", accounts.switch, name="switch"),
    path("<uuid:account_id>/remove/", accounts.remove, name="remove"),
    path("<uuid:account_id>/proxy/", proxy.proxy, name="proxy"),
    path("connect/", sign_ins.connect, name="connect"),
    path("sign-ins/<uuid:sign_in_id>/", sign_ins.sign_in, name="sign_in"),
    path("sign-ins/<uuid:sign_in_id>/step/", sign_ins.step, name="step"),
    path("sign-ins/<uuid:sign_in_id>/again/", sign_ins.again, name="again"),
    path("sign-ins/<uuid:sign_in_id>/cancel/", sign_ins.cancel, name="cancel"),
    path("key-pairs/", key_pairs.key_pairs, name="key_pairs"),
    path("key-pairs/<uuid:key_pair_id>/remove/", key_pairs.remove, name="remove_key_pair"),
]
