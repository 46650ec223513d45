"""The scenario, the stack, the plan and the verdict as typed, frozen values.

They validate what they read and compute simple properties; they do no input or output.
"""
