"""Footprints of two invented groups, before and after their disputed ground is divided."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import geoclust as gc

rng = np.random.default_rng(2)
x = np.r_[rng.normal(0.0, 0.09, 14), rng.normal(0.42, 0.08, 12)]
y = 51.0 + np.r_[rng.normal(0.0, 0.05, 14), rng.normal(0.03, 0.05, 12)]
records = gc.as_records(pd.DataFrame({"kind": "firm", "longitude": x, "latitude": y}))
group = pd.Series(np.repeat(["west", "east"], [14, 12]), records.index, dtype="str")
figure, panels = plt.subplots(1, 2, figsize=(7.4, 2.6), layout="constrained")
for axes, disjoint, title in zip(
    panels, (False, True), ("reach of 8 km", "disputed ground divided"), strict=True
):
    shapes = gc.delineate(records, group, reach_km=8, disjoint=disjoint)
    shapes.plot(ax=axes, color=["#1d5b9c", "#b45f06"], alpha=0.25, edgecolor="0.3")
    axes.scatter(x, y, s=8, color=np.where(group == "west", "#1d5b9c", "#b45f06"))
    axes.set_title(title)
    axes.set_axis_off()
