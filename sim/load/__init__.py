"""Real callers and real phones: SIPp driven by seeded plans, and its counts read back."""
