"""channels.*: groups and channels."""
