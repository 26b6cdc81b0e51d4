"""All systems of a demo utility, in files of their own formats, from one seed."""
