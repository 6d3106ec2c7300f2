"""What stands behind `make book`, `make notebooks` and the tests of the book."""
