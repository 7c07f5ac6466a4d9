"""The values that callers of the gateway meet, under the gateway's own name."""

from pult.core.telegram.values import ContactRef, ImportAnswer, OwnContacts, PhoneToImport, TelegramUser

__all__ = ["ContactRef", "ImportAnswer", "OwnContacts", "PhoneToImport", "TelegramUser"]
