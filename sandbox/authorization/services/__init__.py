"""What the operations of single services need, where the tables alone do not tell."""
