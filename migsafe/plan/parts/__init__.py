"""What recipes have in common: one kind of step that nobody waits for each, as pieces of migrations."""
