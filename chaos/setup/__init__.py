"""Getting a machine ready: the container engine, its plugins, and the images.

commands   running a program with a deadline, as a value that tests replace
machine    what this computer is: system, user, CA bundle, package mirror
engine     which Docker engine is used, and starting one if none runs
plugins    Compose and buildx, also where the distribution's are missing or too old
doctor     every requirement as a finding with its fix in one line
manifest   the images.yaml of the harness and of a stack
base       the Debian 13 base that built images stand on
images     one contract, two sources: pulled from a registry, or built here
services   the images that a compose file builds itself
"""
