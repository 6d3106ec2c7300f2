"""What the papers claim: a folder a paper, a file a statement."""
