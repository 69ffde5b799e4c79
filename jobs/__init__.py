"""Jobs: the queue, who prints what, starting it and what comes of it."""
