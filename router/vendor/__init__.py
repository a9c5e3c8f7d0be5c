"""The vendor-compatible endpoint: its SDKs work against line400 when their endpoint is changed.

Here is what the wire needs: signatures, parameters, the table of actions, errors. What the actions do is put together
in ``router/app/vendor``.
"""

from .endpoint import MAX_LINE, Answer, Call, Service, VendorEndpoint
from .errors import VendorError
from .keys import KeyRing
from .table import ACTIONS, document

__all__ = ["ACTIONS", "MAX_LINE", "Answer", "Call", "KeyRing", "Service", "VendorEndpoint", "VendorError", "document"]
