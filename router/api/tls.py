"""TLS for the HTTP API, by certificate file."""

from __future__ import annotations

import ssl

from ivr_flows.findings import Text

from ..asterisk.service import ServiceError
from ..model import ApiEndpoint


def tls_context(endpoint: ApiEndpoint) -> ssl.SSLContext | None:
    """What connections are wrapped in; None without a certificate. TLS 1.2 and newer. Raises `ServiceError` for files
    that cannot be used."""
    if endpoint.tls_cert is None or endpoint.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # A key with a password would ask for it at the terminal of the service.
        context.load_cert_chain(endpoint.tls_cert, endpoint.tls_key, password=lambda: b"")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise ServiceError(
            Text(
                f"The certificate {endpoint.tls_cert} with the key {endpoint.tls_key} cannot be used: {reason}.",
                f"无法使用证书 {endpoint.tls_cert} 与私钥 {endpoint.tls_key}：{reason}。",
            ),
            Text(
                "`api.tls_cert` and `api.tls_key` in line400.yaml name PEM files, the key without a password.",
                "请在 line400.yaml 的 `api.tls_cert` 与 `api.tls_key` 中指定 PEM 文件，私钥不带密码。",
            ),
        ) from None
    return context
