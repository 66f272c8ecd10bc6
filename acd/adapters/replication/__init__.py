"""The stream of state from the controller that leads to those that stand by."""
