"""Verbs on key pairs, accounts and sign-ins; one transaction each."""
