"""Pure decisions: about contacts, and about sign-ins."""
