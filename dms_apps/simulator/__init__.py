"""A utility that does not exist, on a real feeder: for demonstration, training and tests.

It reaches the hub only through the front door, as files in the native formats of its systems; the
writers of those formats lie beside their readers and are handed in.
"""
