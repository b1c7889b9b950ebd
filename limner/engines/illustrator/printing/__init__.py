"""The last passes: bloom, grade and grain, the sheet with its lettering, and the file that goes out."""
