"""The look of Pult: page frames, components as template tags, styles, and small scripts. See README.md beside this file."""
