"""Prepares a machine for runs: the container engine, its plugins, and the images.

commands        runs programs with a deadline; tests replace it
machine         facts about this computer: system, user, CA bundle, package mirror
engine          finds the Docker engine, and starts one if none is running
plugins         finds Compose and buildx, and installs them if they are missing or too old
doctor          checks every requirement of a run, each with a fix in one line
manifest        reads the images.yaml of gameday and of a stack
base            the Debian 13 image that built images start from
images          pulls images from a registry or builds them here; both behave the same
services        builds the images that a compose file builds itself
held            lists the images that the engine has
registry_probe  asks whether a registry answers
with_engine     runs a program on the engine that gameday uses
prepare         the commands ``gameday doctor`` and ``gameday images``
"""
