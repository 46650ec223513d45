"""The scenario, the stack, the plan and the verdict as typed, frozen values.

No behaviour beyond reading themselves.
"""
