"""Signing in with a simulated Telegram account: OpenID Connect, and the login widget's page, at /oauth/."""
