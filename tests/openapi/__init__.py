"""Holds requests and answers against Azure's published OpenAPI documents."""
