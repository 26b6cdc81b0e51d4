"""Short circuits: fault levels, the duty of protective devices, and how far these see."""
