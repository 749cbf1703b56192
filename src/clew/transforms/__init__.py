"""Questions to entities of the graph, one file each; see `clew.contract.Transform`."""
