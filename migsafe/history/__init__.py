"""Whether what was applied is still what was applied: fingerprints, and what git and the ledger know of them."""
