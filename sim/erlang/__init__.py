"""Closed forms for one interval with one kind of call: exact, at once, in plain Python.

One file for each family. Times in seconds, rates per second, loads in erlang (arrivals × AHT).
Every function refuses what has no meaning (:class:`acd.errors.Refused`, in both languages).
"""
