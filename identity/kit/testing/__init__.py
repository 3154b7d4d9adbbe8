"""What the pytest plugin is made of: a portal in the test's own process, and AWS clients that are answered there."""
