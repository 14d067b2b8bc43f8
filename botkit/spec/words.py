"""Single words of a bot file and how they are written: names, codes, expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field

from botkit.dialogue.language import called
from botkit.dialogue.limits import QUOTA, UNLIMITED
from botkit.dialogue.names import KNOWN, STEPS, VALUE
from botkit.strict_yaml.document import Location
from botkit.strict_yaml.validation import one_value, written

LANGUAGE = "[a-z]{2,3}"
"""How a language is written: as in ISO 639."""

Sentence = Annotated[str, Field(min_length=1)]
"""A text that is not empty."""

Name: TypeAlias = written("[a-z_][a-z0-9_]{0,63}", "name", "order_status")  # type: ignore[valid-type]
TemplateName: TypeAlias = written("[a-z0-9_]{1,512}", "name of a template", "order_update")  # type: ignore[valid-type]
LANGUAGE_CODE = "language code (ISO 639)"
Language: TypeAlias = written(LANGUAGE, LANGUAGE_CODE, "en", called)  # type: ignore[valid-type]
Country: TypeAlias = written("[A-Z]{2}", "country code (ISO 3166)", "ES")  # type: ignore[valid-type]
Quota: TypeAlias = written(f"{QUOTA}|{UNLIMITED}", "rate", "30/h, or unlimited")  # type: ignore[valid-type]

Expression = Annotated[Sentence, Field(json_schema_extra={"title": "expression"})]
"""A Jinja expression, without braces."""


_USES_A_NAME = re.compile(rf"\b(?:{'|'.join({**KNOWN, **STEPS, **VALUE})})(?:\.[a-z_]|[\[(])")
_IS_A_NAME = re.compile(r"\s*(?:now|today|result|value)\s*(?:[-+*/|].*)?", re.DOTALL)


def braced_remedy(written: object) -> str:
    """What to do about an expression that stands where it needs braces; empty for what is none."""
    if not isinstance(written, str) or "{" in written:
        return ""
    if not (_USES_A_NAME.search(written) or _IS_A_NAME.fullmatch(written)):
        return ""
    quote = "'" if '"' in written else '"'
    return f"An expression stands here in braces and quotes: {quote}{{{{ {written.strip()} }}}}{quote}."


ValueSpec = Annotated[str | int | float | bool, BeforeValidator(one_value)] | None
"""A value as it is, or in Jinja between braces; null is none."""


def texts_in(location: Location, written: object) -> Iterator[tuple[Location, str]]:
    """Every text in something that is written, be it a text, a list or a map of them, with its place."""
    if isinstance(written, str):
        yield location, written
    elif isinstance(written, dict | list | tuple):
        for key, item in written.items() if isinstance(written, dict) else enumerate(written):
            yield from texts_in((*location, key), item)
