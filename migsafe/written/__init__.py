"""Python source of operations: as authors write it, and as it is made."""
