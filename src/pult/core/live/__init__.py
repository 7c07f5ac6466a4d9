"""Live pages: operations say that something changed, browsers ask for the changed part."""

from pult.core.live.publishing import CHANNEL, publish

__all__ = ["CHANNEL", "publish"]
