"""Solids: fruit, balls and vessels turned on a lathe, clothed in skins that are painted unrolled, and lit truly."""
