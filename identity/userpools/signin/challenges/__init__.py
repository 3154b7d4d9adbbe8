"""One module per challenge: ``issue`` asks it, ``check`` judges the answer."""
