"""The outside world, one file a product. A backend translates its vendor's errors, and decides nothing."""
