"""Computes what a run will do and when, before it does anything."""

from chaos.plan.env import parse_env
from chaos.plan.make import PlanInput, make_plan
from chaos.plan.stored import stored_plan
from chaos.plan.text import render_plan

__all__ = ["PlanInput", "make_plan", "parse_env", "render_plan", "stored_plan"]
