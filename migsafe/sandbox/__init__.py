"""A real, throwaway PostgreSQL. The only package that imports psycopg.

A provider is a context manager that yields a :class:`~migsafe.sandbox.server.Server`; :mod:`migsafe.sandbox.local` is
the one that needs nothing but binaries.
"""
