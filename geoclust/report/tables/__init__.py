"""The tables of a study: as files, as frames for a store, as a GeoPackage to go on with."""
