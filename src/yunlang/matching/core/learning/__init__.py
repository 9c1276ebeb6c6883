"""Learning from graded pairs: features, a Gaussian process over pairs, gradient-boosted trees, and their figures."""
