"""One interval with one kind of call: how many seats and how many lines, exactly and at once."""
