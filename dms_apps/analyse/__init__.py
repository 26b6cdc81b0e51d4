"""The command `gridbus analyse`: every analysis on files, or on the network of a hub, without one
running."""
