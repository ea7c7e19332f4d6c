"""HTTP in and out. Flask stops here; status codes are written in `errors.py` and nowhere else."""
