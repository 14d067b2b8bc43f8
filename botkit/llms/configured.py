"""The model that a configuration names."""

from __future__ import annotations

from botkit.llms.compatible import CompatibleModel
from botkit.llms.completions import OPENAI
from botkit.llms.openai import OpenAIModel

Model = OpenAIModel | CompatibleModel


def model_of(name: str, url: str, key: str) -> Model:
    """OpenAI is asked with its own package, which knows how its API changes; all others over plain HTTP."""
    return (OpenAIModel if OPENAI in url else CompatibleModel)(name, url, key)
