"""Collins, Mokhtari, Shakkottai (CoLLAs 2022): when MAML beats standard training, a file a statement."""
