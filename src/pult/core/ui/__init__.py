"""The look of Pult: page frames, components as template tags, styles, small scripts; README.md tells how to use it."""
