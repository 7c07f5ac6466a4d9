"""Pult's colours as steps from light to dark, as unfold takes them; the pages of Pult have tokens of their own."""

STEPS = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")


def _shades(hue: int, lightness: tuple[float, ...], chroma: tuple[float, ...]) -> dict[str, str]:
    return {
        step: f"oklch({light} {colour} {hue})"
        for step, light, colour in zip(STEPS, lightness, chroma, strict=True)
    }


SHADES = {
    "grey": _shades(
        80,
        (0.977, 0.958, 0.905, 0.84, 0.68, 0.52, 0.43, 0.35, 0.27, 0.208, 0.172),
        (0.005, 0.006, 0.008, 0.01, 0.012, 0.015, 0.015, 0.012, 0.009, 0.007, 0.006),
    ),
    "petrol": _shades(
        220,
        (0.975, 0.945, 0.89, 0.82, 0.78, 0.74, 0.455, 0.395, 0.35, 0.29, 0.22),
        (0.012, 0.024, 0.05, 0.085, 0.095, 0.095, 0.088, 0.082, 0.07, 0.05, 0.035),
    ),
}
"""Names → steps → OKLCH. 600 carries white letters, 500 and 400 are letters on dark ground."""
