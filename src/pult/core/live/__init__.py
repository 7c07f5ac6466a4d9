"""Live pages: operations say that something changed, browsers ask for the changed part."""

from pult.core.live.publishing import CHANNEL, publish, shut_out_topic

__all__ = ["CHANNEL", "publish", "shut_out_topic"]
