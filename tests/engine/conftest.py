"""A cluster, where RENGA_ENGINE names one: see engine_fixtures."""

from engine_fixtures import base, beside, deployed, echo, engine, project, renga, subject

__all__ = ["base", "beside", "deployed", "echo", "engine", "project", "renga", "subject"]
