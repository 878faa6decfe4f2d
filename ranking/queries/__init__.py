"""Reads of runs and rankings. The modules that load arrays are for workers alone."""
