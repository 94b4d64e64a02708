"""A cluster, where RENGA_ENGINE names one: see engine_fixtures."""

from engine_fixtures import base, beside, deployed, engine, project, renga

__all__ = ["base", "beside", "deployed", "engine", "project", "renga"]
