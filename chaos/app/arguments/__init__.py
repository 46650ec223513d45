"""The arguments of the commands, a module a group of commands."""
