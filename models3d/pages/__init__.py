"""The library's pages besides `views`."""
