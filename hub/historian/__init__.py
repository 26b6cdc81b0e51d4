"""The historian (IEC 61968-1: information storage and retrieval, ISR): values of meters and of
measurements in the network, stored in bulk and asked for by time.

A series is one quantity of one meter or measurement.  A value that comes again and differs is a
revision: questions get the newest, or the one that was known at a given time.
"""
