"""The corpus of hard inputs: what each must get, which test says so, and a generator of the files.

`python tests/hard_inputs/generator.py FOLDER` writes the files.
"""
