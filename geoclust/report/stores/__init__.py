"""A study's tables written into a store: PostGIS, DuckDB, GeoPackage, folders of GeoParquet.

Each takes the same tables and writes them whole or not at all; what another program put there is
never replaced: ours say in their comment or description that they are (`marks`).
"""
