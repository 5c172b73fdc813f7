"""How QGIS shows the layer of regions: a colour per status, the name on top."""

from typing import Final
from xml.sax.saxutils import quoteattr

from geoclust.report.drawing import COLOURS, INK
from geoclust.report.words import STATUS_WORDS

STYLE_NAME: Final = "geoclust status"


def qgis_style() -> str:
    """QML of a layer with a column `status` and a column `name`.

    Examples
    --------
    >>> 'type="categorizedSymbol"' in qgis_style() and 'fieldName="name"' in qgis_style()
    True
    """
    symbols = [*COLOURS.items(), ("", "#6b7177")]
    categories = "".join(
        f'<category symbol="{at}" value={quoteattr(status)} type="string" render="true" '
        f"label={quoteattr(STATUS_WORDS.get(status, 'Other'))}/>"
        for at, (status, _) in enumerate(symbols)
    )
    drawn = "".join(_symbol(at, colour) for at, (_, colour) in enumerate(symbols))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22.0" styleCategories="Symbology|Labeling" labelsEnabled="1">'
        '<renderer-v2 type="categorizedSymbol" attr="status" symbollevels="0" forceraster="0" '
        f'enableorderby="0"><categories>{categories}</categories><symbols>{drawn}</symbols>'
        f"</renderer-v2>{_labels()}</qgis>\n"
    )


def _symbol(at: int, colour: str) -> str:
    settings = {
        "color": _rgba(colour, 90),
        "outline_color": _rgba(colour, 255),
        "outline_style": "solid",
        "outline_width": "0.46",
        "outline_width_unit": "MM",
        "style": "solid",
        "joinstyle": "round",
    }
    options = "".join(
        f'<Option type="QString" name="{key}" value="{value}"/>' for key, value in settings.items()
    )
    older = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in settings.items())
    return (
        f'<symbol type="fill" name="{at}" alpha="1" clip_to_extent="1" force_rhr="0">'
        '<layer class="SimpleFill" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{options}</Option>{older}</layer></symbol>'
    )


def _labels() -> str:
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        '<text-style fieldName="name" isExpression="0" fontSize="9" fontSizeUnit="Point" '
        f'textColor="{_rgba(INK, 255)}" textOpacity="1">'
        '<text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" '
        'bufferColor="255,255,255,255" bufferOpacity="1"/></text-style>'
        '<placement placement="0" placementFlags="10" dist="0"/>'
        '<rendering drawLabels="1" obstacle="1"/>'
        "</settings></labeling>"
    )


def _rgba(colour: str, opacity: int) -> str:
    """A colour as QGIS writes it.

    Examples
    --------
    >>> _rgba("#1d5b9c", 90)
    '29,91,156,90'
    """
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return ",".join(map(str, [*parts, opacity]))
