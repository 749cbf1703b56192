"""What the data is: tables, times, values, law. Pure: no input or output, no engine."""
