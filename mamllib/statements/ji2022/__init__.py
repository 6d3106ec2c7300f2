"""Ji, Yang, Liang (JMLR 2022): MAML with N inner steps, a file a statement."""
