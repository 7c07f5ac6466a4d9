"""The simulated methods by theme. Importing a file enters its methods into the register."""
