"""One file for each thing that is read out of posts; each declares one `Annotator`."""
