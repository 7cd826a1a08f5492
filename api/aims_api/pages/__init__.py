"""Pages for people: rendered here, plain links and forms, no script."""
