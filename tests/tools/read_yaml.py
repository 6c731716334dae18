"""Prints a YAML file as JSON.

Standard input: its path. Plain words stay words: GitHub's `on` is no truth value.
"""

import json
import sys

import yaml

with open(json.load(sys.stdin), encoding="utf-8") as file:
    json.dump(yaml.load(file, yaml.BaseLoader), sys.stdout)
