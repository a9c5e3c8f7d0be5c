"""Asking web services: HTTP to hosts on an allow-list, and to nowhere else.

What a flow asks, where it is redirected to and what a name resolves to are all taken for hostile:

- Only an origin of the list (scheme, host, port) is asked, also where a redirect leads; no proxy, no cookies.
- A name is resolved once, here, and the connection goes to what was found. An address that is not public is refused
  unless it lies in a network of the list, or is written in the list itself.
- An answer may have `MOST_BYTES` when unpacked; all of it, redirects included, has the request's timeout.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ..model import FetchAccess

MOST_BYTES = 256 * 1024
MOST_REDIRECTS = 3
AGENT = "line400"
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host name. Raises `OSError`."""


class Refused(Exception):
    """A request that must not be made or an answer that is of no use; the text says why."""


class HttpClient:
    """Asks the hosts of ``access``. ``setting`` is the key of line400.yaml that lists them, for what is said of a
    refusal. `close` when it is no longer needed."""

    def __init__(self, access: FetchAccess, resolve: Resolve | None = None, setting: str = "fetch.allow") -> None:
        self._setting = setting
        self._allowed = {_origin(urlsplit(url)) for url in access.allow}
        self._networks = [ipaddress.ip_network(network) for network in access.networks]
        self._networks += [
            ipaddress.ip_network(address) for _, host, _ in self._allowed if (address := _address(host)) is not None
        ]
        self._resolve = resolve or _resolved
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def ask(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Iterable[tuple[str, str]] = (),
        *,
        timeout: float,
        read: bool = True,
    ) -> bytes:
        """The body of a 2xx answer that is whole within ``timeout`` seconds; empty without ``read``, which leaves it
        unread. Raises `Refused` for everything else, whatever the outside does."""
        try:
            async with asyncio.timeout(timeout):
                return await self._ask(url, method, body, dict(headers), read)
        except TimeoutError:
            reason = f"no answer within {timeout:g} s"
        except aiohttp.ClientError as error:
            reason = f"no connection ({type(error).__name__})"
        except (OSError, ValueError) as error:
            reason = f"the request is not possible ({type(error).__name__})"
        raise Refused(reason)

    async def _ask(self, url: str, method: str, body: bytes | None, headers: dict[str, str], read: bool) -> bytes:
        for _ in range(MOST_REDIRECTS + 1):
            target = self._checked(url)
            async with self._session().request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status not in _REDIRECTS or "Location" not in response.headers:
                    return await _content(response, read)
                url = urljoin(url, response.headers["Location"])
                if response.status == 303 or (response.status in (301, 302) and method == "POST"):
                    method, body = "GET", None
            if _origin(urlsplit(url)) != target:
                # What was meant for one host is not told to another.
                headers = {}
        raise Refused("too many redirects")

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            connector = aiohttp.TCPConnector(resolver=_Pinned(self), use_dns_cache=False, limit=200)
            self._http = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": AGENT, "Accept": "application/json"},
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
                max_field_size=16 * 1024,
            )
        return self._http

    def _checked(self, url: str) -> tuple[str, str, int]:
        """The origin of ``url``. Raises `Refused` for one that is not on the list."""
        parts = urlsplit(url)
        origin = _origin(parts)
        if parts.username is not None or origin not in self._allowed:
            raise Refused(f"the host {origin[1][:80]} is not on the list `{self._setting}`")
        address = _address(origin[1])
        if address is not None:
            self.check_address(str(address))
        return origin

    def check_address(self, text: str) -> None:
        """Raises `Refused` for an address that may not be connected to."""
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in self._networks if network.version == address.version):
            return
        if not address.is_global or address.is_multicast:
            raise Refused("the host's address is not public, and no network of `fetch.networks` holds it")

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses to connect to, all of them allowed. Raises `Refused`, `OSError`."""
        found = await self._resolve(host, port)
        for address in found:
            self.check_address(address)
        return found


class _Pinned(AbstractResolver):
    """Gives the connector the addresses that were checked."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The checked addresses of ``host``."""
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in await self._client.addresses(host, port)
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def _resolved(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port; an empty host where it is no address of the web."""
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError:
        return scheme, "", 0
    if scheme not in _PORTS or not parts.hostname:
        return scheme, "", 0
    return scheme, parts.hostname.lower().rstrip("."), port or _PORTS[scheme]


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


async def _content(response: aiohttp.ClientResponse, read: bool) -> bytes:
    """The body of a 2xx answer. Raises `Refused`."""
    if not 200 <= response.status < 300:
        raise Refused(f"status {response.status}")
    content = bytearray()
    if not read:
        return b""
    async for chunk in response.content.iter_chunked(16 * 1024):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Refused(f"the answer is longer than {MOST_BYTES // 1024} KiB")
    return bytes(content)
