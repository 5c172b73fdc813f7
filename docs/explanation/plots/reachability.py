"""A location in a crowd and one in the open, and how components merge."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree

rng = np.random.default_rng(4)
points = np.vstack(
    [
        rng.normal((0, 0), 1.4, (45, 2)),
        rng.normal((14, 3), 2.2, (35, 2)),
        rng.uniform((-8, -9), (24, 14), (28, 2)),
    ]
)
far = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
core = np.sort(far, axis=1)[:, 5]
reach = np.maximum(np.maximum(core[:, None], core[None]), far)

figure, (chart, curve) = plt.subplots(
    1, 2, figsize=(7.4, 3.2), width_ratios=[1.5, 1], layout="constrained"
)
for (x, y), radius in zip(points, core, strict=True):
    chart.add_patch(plt.Circle((x, y), radius, fill=False, lw=0.5, ec="#b45f06", alpha=0.5))
chart.scatter(*points.T, s=9, color="#1d5b9c", zorder=3)
chart.set(
    aspect="equal", title="records and core distances (min_samples 5)", xlabel="km", ylabel="km"
)
lengths = np.sort(minimum_spanning_tree(reach).data)
curve.step(lengths, len(points) - 1 - np.arange(len(lengths)), where="post", color="#1d5b9c")
curve.set(xlabel="length of link, km", title="components left")
