"""Names that come from strangers: what somebody calls themself at work, and what Telegram says their name is."""

import unicodedata

SHORTEST_NICKNAME, LONGEST_NICKNAME = 2, 40
# Beside letters, digits and the marks that belong to letters.
JOINING = frozenset(" .-_'’")

# Letters and marks that nobody sees (Unicode's Default_Ignorable_Code_Point among L and M): with one of them at its end
# a name looks like a colleague's and is another one.
UNSEEN = frozenset(
    map(
        chr,
        [
            0x034F,
            0x115F,
            0x1160,
            0x17B4,
            0x17B5,
            *range(0x180B, 0x1810),
            0x3164,
            0xFFA0,
            *range(0xFE00, 0xFE10),
        ],
    )
) | frozenset(map(chr, range(0xE0000, 0xE1000)))


def tidy_nickname(text: str) -> str:
    """One spelling for one look: compatibility forms folded, runs of spaces made one, none at the ends."""
    # What cannot be stored at all is kept visible as a question mark, so that the check below refuses it.
    storable = text.encode("utf-8", "replace").decode()
    return " ".join(unicodedata.normalize("NFKC", storable).split())


def is_plain(nickname: str) -> bool:
    """Letters, digits and a few joining signs of a tidied nickname, with at least one letter or digit.

    No control characters, no right-to-left overrides, no pictures, nothing unseen: the name stands in lists beside
    those of others.
    """
    kinds = [unicodedata.category(sign) for sign in nickname]
    fits = all(
        (kind[0] in "LM" and sign not in UNSEEN) or kind == "Nd" or sign in JOINING
        for sign, kind in zip(nickname, kinds, strict=True)
    )
    return fits and any(kind[0] == "L" or kind == "Nd" for kind in kinds)


def tidy_telegram_name(text: str, length: int = 130) -> str:
    """What Telegram calls somebody, as it can be stored and shown: without invisible signs, cut to `length`."""
    seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(seen.split())[:length]
