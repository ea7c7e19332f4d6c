"""What rekproxy costs, beside its peers on the same machine: `python -m benchmarks`, or `make bench`."""
