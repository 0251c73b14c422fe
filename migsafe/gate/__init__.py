"""What is pending on a live server, and what speaks against it now."""
