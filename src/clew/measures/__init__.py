"""What several analyses count in the same way, written once in Ibis for every engine."""
