"""One file for each question that is put to the tables; each declares one `Analysis`."""
