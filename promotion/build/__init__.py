"""Builds a use case into a release, and a release into the definitions of one account.

`build` reads a use case's folder and git, runs its pipeline modules in a sealed subprocess, and
writes the archive; `resolve` is pure; `package_handlers` writes the Lambda zip. None calls AWS.
"""

from promotion.build.assemble import build
from promotion.build.cache import Cache
from promotion.build.lambda_package import package_handlers
from promotion.build.release import CodeObject, Release, ResolvedPipeline, ResolvedRelease
from promotion.build.resolve import resolve

__all__ = [
    "Cache",
    "CodeObject",
    "Release",
    "ResolvedPipeline",
    "ResolvedRelease",
    "build",
    "package_handlers",
    "resolve",
]
