"""What was: the network at any past moment, what changed between two, and every version of a model.

It lies between the journal, which alone is the truth, and dispatch, whose live network starts from
its newest snapshot; console and command line ask it about the past.
"""
