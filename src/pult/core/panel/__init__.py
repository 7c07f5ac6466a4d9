"""The panel: every row of the installation at one address, for owners. Daily work has pages of its own."""
