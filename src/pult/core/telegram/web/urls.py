"""Addresses of the account pages."""

app_name = "telegram"
urlpatterns: list[object] = []
