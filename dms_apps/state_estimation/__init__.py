"""State estimation: the most likely state of the network, from what is measured and assumed."""
