"""What the store knows of numbers and companies, beside what the check finds in the files."""

from __future__ import annotations

import time

from ivr_flows.findings import Text
from router.desk.desk import looking
from router.desk.standing import Standing, standing
from router.model import Configuration
from router.store import Store, StoreError

from ..invocation import Invocation
from ..loading import load_settings
from ..moments import parse_time
from ..stores import author_of, read


def standing_of(invocation: Invocation, configuration: Configuration | None, at: str | None = None) -> Standing:
    """What is to be known at a moment of the files that say ``configuration`` (None: they are broken). A store that
    cannot be read costs one warning: files are checked without it. Raises `Problem` for broken settings."""
    settings, zone = load_settings(invocation)
    moment = time.time() if at is None else parse_time(at, zone)

    async def look(store: Store) -> Standing:
        return await standing(looking(store, settings, invocation.config, configuration, author_of(None), moment))

    try:
        return read(settings.store, look) or Standing()
    except StoreError as error:
        invocation.warn(
            Text(
                f"Numbers and qualifications of the store are not looked at. {error.message.en}",
                f"未核对库中的号码与资质。{error.message.zh}",
            )
        )
        return Standing()
