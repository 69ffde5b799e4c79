"""The library of print files: models, their revisions and what the files say."""
