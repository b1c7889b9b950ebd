"""Who stands where: `composition.compose` gives every subject of a scene its place in the picture."""
