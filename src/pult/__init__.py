"""Pult: one self-hosted control desk for a business that works in Telegram."""

__version__ = "0.3.0"
