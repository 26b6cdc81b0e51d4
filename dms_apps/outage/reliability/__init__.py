"""Indices of reliability (IEEE 1366): how often and how long customers were without power."""
