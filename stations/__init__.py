"""The physical machines and who may start on them, across organisations."""
