"""The tests; a package of their own, since a library of others brings one of this name too."""
