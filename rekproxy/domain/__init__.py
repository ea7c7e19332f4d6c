"""Rules with nothing plugged in: no I/O, no clock, no Flask, no Pillow, no boto3.

Every value here is frozen, every function answers from its arguments alone.
"""
