"""Kinds of options that several commands take."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

Count = Annotated[int | None, Parameter(validator=Number(gte=1))]
CountOrNone = Annotated[int | None, Parameter(validator=Number(gte=0))]
Quiet = Annotated[bool, Parameter(name=["--quiet", "-q"], negative="")]
Flag = Annotated[bool, Parameter(negative="")]
