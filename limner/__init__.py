"""limner: a self-hosted image generation platform that speaks the OpenAI Images API."""

__version__ = "0.1.0"
