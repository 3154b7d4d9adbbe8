"""Sites that install less than everything: settings, a server for them, and the visits that show that each works."""
