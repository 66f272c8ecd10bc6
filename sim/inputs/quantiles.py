"""Lengths of time from uniform numbers: the same numbers serve every variant of a scenario."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.inputs.distributions import Distribution, Kind

Floats = NDArray[np.float64]


def quantiles(of: Distribution, uniforms: Floats) -> Floats:
    """One length in seconds for each uniform number of [0, 1).

    The inverse of the distribution function, so that a mean 10 % longer makes every single length
    10 % longer. HYPEREXPONENTIAL alone is not monotone: the number picks the part, and what is
    left of it, stretched, the length within the part. EMPIRICAL gives infinity for the share that
    outlasts the last point.
    """
    return _QUANTILES[of.kind](of, uniforms)


def _exponential(of: Distribution, u: Floats) -> Floats:
    return -of.mean_s * np.log1p(-u)


def _deterministic(of: Distribution, u: Floats) -> Floats:
    return np.full(len(u), of.mean_s)


def _weibull(of: Distribution, u: Floats) -> Floats:
    scale = of.mean_s / math.gamma(1 + 1 / of.shape)
    lengths: Floats = scale * (-np.log1p(-u)) ** (1 / of.shape)
    return lengths


def _lognormal(of: Distribution, u: Floats) -> Floats:
    from scipy.special import ndtri

    sigma2 = math.log1p(of.scv)
    mu = math.log(of.mean_s) - sigma2 / 2
    # A uniform number may be 0, whose length is 0: -inf in the exponent says so.
    lengths: Floats = np.exp(mu + math.sqrt(sigma2) * ndtri(u))
    return lengths


def _gamma(of: Distribution, u: Floats) -> Floats:
    from scipy.special import gammaincinv

    lengths: Floats = gammaincinv(of.shape, u) * (of.mean_s / of.shape)
    return lengths


def _hyperexponential(of: Distribution, u: Floats) -> Floats:
    weights = np.asarray(of.weights)
    upper = np.cumsum(weights)
    part = np.minimum(np.searchsorted(upper, u, side="right"), len(weights) - 1)
    within = np.clip((u - (upper - weights)[part]) / weights[part], 0.0, 1 - 2**-53)
    lengths: Floats = -np.asarray(of.means_s)[part] * np.log1p(-within)
    return lengths


def _empirical(of: Distribution, u: Floats) -> Floats:
    # The first point whose survival is at most 1 - u; survival falls, so its negative rises.
    falls = -np.asarray(of.survival_at)
    lengths = np.append(np.asarray(of.times_s, float), np.inf)
    found: Floats = lengths[np.searchsorted(falls, -(1 - u), side="left")]
    return found


_QUANTILES = {
    Kind.EXPONENTIAL: _exponential,
    Kind.DETERMINISTIC: _deterministic,
    Kind.WEIBULL: _weibull,
    Kind.LOGNORMAL: _lognormal,
    Kind.GAMMA: _gamma,
    Kind.HYPEREXPONENTIAL: _hyperexponential,
    Kind.EMPIRICAL: _empirical,
}
