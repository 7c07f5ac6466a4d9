"""How Telethon takes a proxy. Only the worker imports this module."""

from typing import Any

from telethon.network import ConnectionTcpFull, ConnectionTcpMTProxyRandomizedIntermediate

from pult.core.telegram.rules.proxies import ProxyKind, read_proxy


class ThroughMtProtoProxy(ConnectionTcpMTProxyRandomizedIntermediate):  # type: ignore[misc]
    """Padded packets, which every MTProto proxy understands."""

    async def _connect(self, timeout: Any = None, ssl: Any = None) -> None:
        try:
            await super()._connect(timeout=timeout, ssl=ssl)
        except BaseException:
            # Telethon forgets the socket of a proxy that shuts the door.
            if self._writer is not None:
                self._writer.transport.abort()
            raise


def way_to_telegram(address: str) -> dict[str, Any]:
    """The arguments `connection` and `proxy` of a TelegramClient; an empty address is the direct way.

    Names of hosts are resolved by the proxy (`rdns`): it may be the only one that can.
    """
    if not address:
        return {"connection": ConnectionTcpFull, "proxy": None}
    proxy = read_proxy(address)
    if proxy.kind is ProxyKind.MTPROTO:
        # The dd keeps Telethon from reading a secret that happens to begin with dd or ee as a marked one.
        return {
            "connection": ThroughMtProtoProxy,
            "proxy": (proxy.host, proxy.port, f"dd{proxy.secret}"),
        }
    return {
        "connection": ConnectionTcpFull,
        "proxy": {
            "proxy_type": proxy.kind.value,
            "addr": proxy.host,
            "port": proxy.port,
            "rdns": True,
            "username": proxy.user or None,
            "password": proxy.password or None,
        },
    }
