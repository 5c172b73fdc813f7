"""What columns are called in the world: words for each schema column, in several languages.

Words are folded (`fold_header`): no case, accents or punctuation.  A header that is such a word is
strong evidence, one that contains it is weaker; values decide in the end.
"""

import re
import unicodedata
from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "record_id": (
        "id", "record id", "uuid", "guid", "identifier", "org id", "organisation id",
        "organization id", "company id", "firm id", "institution id", "registration number",
        "reg no", "firmennummer", "handelsregisternummer", "registernummer", "hrb",
        "organisationsnummer", "firmen id", "aktenzeichen", "siren", "siret", "vat", "lei",
        "orgnr", "kvk", "nif", "cif", "cnpj", "krs", "ror", "ror id", "grid id",
        "bvd id", "kennung", "identifiant", "identificador",
        "identificativo", "codice", "nummer", "numero", "key", "code", "patent id",
        "patent number", "publication number", "appln id", "application number", "编号", "番号",
    ),
    "name": (
        "name", "company", "company name", "organisation", "organization", "organisation name",
        "organization name", "org name", "firm", "firm name", "institution", "institution name",
        "legal name", "display name", "label", "university", "startup", "lab", "laboratory",
        "firma", "firmenname", "firmenbezeichnung", "unternehmen", "bezeichnung", "einrichtung",
        "hochschule", "nom", "raison sociale", "denomination", "entreprise", "societe",
        "etablissement", "nombre", "razon social", "empresa", "entidad", "institucion", "nome",
        "ragione sociale", "azienda", "ente", "denominazione", "nome da empresa", "instituicao",
        "naam", "bedrijf", "bedrijfsnaam", "nazwa", "nazwa firmy", "foretag", "virksomhed",
        "nimi", "yritys", "название", "наименование", "компания", "名称", "企业名称", "公司名称",
        "机构名称", "会社名", "企業名", "機関名", "회사명", "title",
    ),
    "longitude": (
        "longitude", "lon", "lng", "long", "x", "x coord", "coord x", "xcoord", "geo lon",
        "geo lng", "gps lon", "laengengrad", "langengrad", "geogr lange", "longitud",
        "longitudine", "lengtegraad", "dlugosc geograficzna", "долгота", "经度", "経度", "경도",
    ),
    "latitude": (
        "latitude", "lat", "y", "y coord", "coord y", "ycoord", "geo lat", "gps lat",
        "breitengrad", "geogr breite", "latitud", "latitudine", "breedtegraad",
        "szerokosc geograficzna", "широта", "纬度", "緯度", "위도",
    ),
    "place": (
        "city", "town", "place", "municipality", "locality", "city name", "hq city", "ort",
        "stadt", "gemeinde", "sitz", "standort", "ville", "commune", "localite", "ciudad",
        "municipio", "localidad", "citta", "comune", "cidade", "stad", "plaats", "miasto",
        "miejscowosc", "kommun", "kaupunki", "город", "城市", "所在地", "市", "都市", "도시",
    ),
    "country": (
        "country", "country code", "country name", "country or area", "nation", "iso", "iso2",
        "iso3", "iso a2", "iso a3", "iso code", "ctry", "ctry code", "land", "laendercode",
        "landercode", "staat", "pays", "code pays", "pais", "paese", "nazione", "kraj", "maa",
        "страна", "国家", "国", "国名", "국가",
    ),
    "category": (
        "category", "type", "org type", "organisation type", "organization type", "kind of firm",
        "typ", "art", "kategorie", "categorie", "tipo", "categoria", "soort", "kategoria",
        "тип", "类别", "类型", "種別",
    ),
    "kind": ("kind", "record kind", "entity type"),
    "year": (
        "year", "founded", "founding year", "year founded", "founded on", "established",
        "foundation year", "inception", "grundungsjahr", "gruendungsjahr", "gegrundet",
        "gegruendet", "annee", "annee de creation", "date de creation", "fondation", "ano",
        "ano de fundacion", "fundacion", "anno", "anno di fondazione", "rok", "rok zalozenia",
        "jaar", "opgericht", "jahr", "filing year", "app year", "application year", "filing date",
        "date", "год", "年份", "成立年份", "設立年", "年",
    ),
    "funding_usd": (
        "funding", "total funding", "funding usd", "funding total usd", "total funding usd",
        "total raised", "amount raised", "raised", "raised usd", "finanzierung", "forderung",
        "foerderung", "financement", "fonds leves", "financiacion", "finanziamento",
        "financiamento", "financiering", "finansowanie", "融资", "融资额", "資金調達額",
    ),
    "equity_funding_usd": (
        "equity funding", "equity funding usd", "vc funding", "venture capital", "vc raised",
        "eigenkapital", "equity",
    ),
    "publications": (
        "publications", "publication count", "works count", "papers", "n publications",
        "publikationen", "publicaciones", "pubblicazioni", "publicacoes", "publicaties",
        "论文数", "論文数",
    ),
    "website": (
        "website", "web", "homepage", "homepage url", "url", "web page", "web site", "domain",
        "webseite", "internet", "internetseite", "internetadresse", "site", "site web",
        "site internet", "sitio web", "pagina web",
        "sito", "sito web", "strona www", "hemsida", "сайт", "网站", "网址", "ウェブサイト",
    ),
    "parent_id": ("parent id", "parent", "parent organisation", "spin out of", "spinout from"),
    "organisation_id": (
        "organisation id", "applicant id", "assignee id", "owner id", "applicant", "assignee",
    ),
    "weight": (
        "weight", "share", "inv share", "app share", "fraction", "papers", "joint papers",
        "n papers", "count", "number of papers", "works", "n works", "publications",
        "copublications", "collaborations", "strength", "value", "n", "gewicht", "anzahl",
        "poids", "nombre", "peso", "waarde", "waga",
    ),
    "project": ("project", "project id", "grant", "award", "projekt", "projet", "proyecto"),
    "population": (
        "population", "pop", "inhabitants", "pop est", "total population", "einwohner",
        "einwohnerzahl", "bevolkerung", "bevoelkerung", "habitants", "poblacion", "habitantes",
        "popolazione", "abitanti", "populacao", "bevolking", "inwoners", "ludnosc",
        "befolkning", "население", "人口", "인구",
    ),
    "gdp_usd": (
        "gdp", "gdp usd", "gross domestic product", "gdp md est", "gdp md", "gdp current usd",
        "bip", "bruttoinlandsprodukt", "pib", "pil", "bbp", "pkb", "bnp", "ввп", "国内生产总值",
    ),
    "precision": ("precision", "geocode precision", "genauigkeit", "accuracy"),
    "source": ("source", "data source", "quelle", "fuente", "fonte", "bron", "источник", "来源"),
}  # fmt: skip

PLACE_NAMES: Final = (
    "metro", "metro id", "metropolitan area", "metro area", "urban agglomeration", "agglomeration",
    "urban area", "functional urban area", "fua", "city", "town", "city name", "place", "ort",
    "stadt", "ville", "ciudad", "citta", "cidade", "stad", "miasto", "municipality", "gemeinde",
    "commune", "name", "城市", "都市", "город",
)  # fmt: skip
"""Words for the name of a place, where the table is one of places."""

PAIRS: Final = (
    ("a", "b"), ("1", "2"), ("source", "target"), ("from", "to"), ("i", "j"), ("left", "right"),
    ("x", "y"), ("org1", "org2"), ("sender", "receiver"), ("quelle", "ziel"), ("von", "nach"),
    ("origen", "destino"), ("von", "zu"),
)  # fmt: skip
"""Endings of two headers that are the ends of a tie."""

PATENT_WORDS: Final = (
    "patent", "appln", "inventor", "applicant", "assignee", "ipc", "cpc", "pub nbr", "appl nbr",
    "erfinder", "anmelder", "inventeur", "brevet", "inventore", "brevetto", "专利", "特許",
)  # fmt: skip

LAB_NAMES: Final = (
    "univer", "institut", "laborator", "labor", "hochschule", "college", "academ", "akadem",
    "school", "ecole", "escuela", "scuola", "hospital", "klinik", "research", "recherche",
    "forschung", "ricerca", "investigacion", "centre", "center", "politecnico", "polytechn",
    "fraunhofer", "max planck", "cnrs", "大学", "研究",
)  # fmt: skip
"""Beginnings of words in the names of labs."""

LEGAL_FORMS: Final = frozenset(
    {"gmbh", "ag", "kg", "ug", "ohg", "inc", "corp", "corporation", "co", "company", "ltd",
     "limited", "llc", "llp", "plc", "sa", "sas", "sarl", "sl", "slu", "srl", "spa", "bv", "nv",
     "oy", "oyj", "ab", "as", "asa", "aps", "zoo", "sro", "kft", "doo", "pty", "pvt", "kk", "lda",
     "ltda", "eurl"}
)  # fmt: skip
"""Words that firms' names end with."""


_LETTERS: Final = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae"})
"""Letters that do not come apart into a base and an accent."""


def fold_header(name: str) -> str:
    """A header as it is compared: words in lower case, without accents and punctuation.

    Examples
    --------
    >>> fold_header("Gründungs-Jahr"), fold_header("companyName"), fold_header("ROR_ID")
    ('grundungs jahr', 'company name', 'ror id')
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip())
    plain = unicodedata.normalize("NFKD", parted).casefold().translate(_LETTERS)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", plain).strip()


def name_evidence(header: str, words: tuple[str, ...]) -> float:
    """How much a header says that it is a column of these words: 1 it is one, 0 nothing.

    Examples
    --------
    >>> name_evidence("Längengrad", WORDS["longitude"]), name_evidence("HQ City", WORDS["place"])
    (1.0, 1.0)
    >>> name_evidence("City of headquarters", WORDS["place"]) > 0
    True
    """
    folded = fold_header(header[:200])
    if not folded:
        return 0.0
    if folded in words or folded.replace(" ", "") in words:
        return 1.0
    tokens = set(folded.split())
    share = [
        len(word.split()) / len(tokens)
        for word in words
        if len(word) > 1 and set(word.split()) <= tokens
    ]
    return 0.4 + 0.4 * max(share) if share else 0.0
