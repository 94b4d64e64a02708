"""Environments in a cloud: what terraform and the clouds' own commands are asked to do, in which order, as data."""
