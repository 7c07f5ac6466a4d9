"""The Bot API over HTTP, for unmodified bot programs: long polling and webhooks."""
