"""The outside world, one file a product. A backend translates its vendor's exceptions, and decides nothing."""
