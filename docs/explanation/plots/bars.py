"""The plane of density and capability with its bars."""

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
axes.fill([1.5, 6, 6, 1.5], [0.3, 0.3, 1, 1], color="#b45f06", alpha=0.28, lw=0)
axes.fill([3, 6, 6, 3], [0.6, 0.6, 1, 1], color="white", lw=0)
axes.fill([3, 6, 6, 3], [0.6, 0.6, 1, 1], color="#1d5b9c", alpha=0.4, lw=0)
axes.plot([3, 3, 1.5], [0.3, 0.6, 0.6], color="0.3", lw=0.8, ls=":")
for x, y, words in (
    (4.5, 0.8, "cluster"),
    (4.5, 0.45, "tier 1"),
    (2.25, 0.8, "tier 1"),
    (2.25, 0.45, "tier 2"),
    (0.75, 0.15, "none"),
):
    axes.text(x, y, words, ha="center", va="center")
axes.set(
    xlim=(0, 6),
    ylim=(0, 1),
    xticks=[1.5, 3],
    yticks=[0.3, 0.6, 1],
    xlabel="density, records per 100 km²",
    ylabel="capability",
)
