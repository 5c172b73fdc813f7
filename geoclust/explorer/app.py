"""The local page: one marimo app that shows the explorer of the study it was given."""

import marimo

app = marimo.App(width="full", app_title="geoclust", css_file="app.css")


@app.cell  # type: ignore[untyped-decorator]
def _() -> tuple[object, ...]:
    import marimo as mo  # noqa: PLC0415 - a cell of marimo

    from geoclust.explorer import Bench  # noqa: PLC0415
    from geoclust.explorer.widget import Explorer  # noqa: PLC0415

    explorer = Explorer(Bench(str(mo.cli_args()["study"])))
    return (explorer,)


@app.cell  # type: ignore[untyped-decorator]
def _(explorer: object) -> None:
    explorer  # noqa: B018 - shown by marimo
