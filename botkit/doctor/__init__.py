"""Is everything there that the bots need? Checks that change nothing, each with what to do when it fails."""
