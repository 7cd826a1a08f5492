"""AIMS Graph: a governance engine for AI management systems (ISO/IEC 42001:2023)."""

__version__ = "0.1.0"
